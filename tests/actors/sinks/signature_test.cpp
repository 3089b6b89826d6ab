#include "actors/sinks/signature.hpp"

#include <gtest/gtest.h>

namespace tocsin::signature_test {
namespace {

TEST(signature, is_hmac_sha256_as_rfc_4231_has_it) {
  EXPECT_EQ(hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256_hex(std::string(131, '\xaa'),
                            "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(signature, covers_the_time_and_the_body) {
  EXPECT_EQ(sign_body("s", 1'700'000'000, "{}"),
            "t=1700000000,v1=" + hmac_sha256_hex("s", "1700000000.{}"));
  EXPECT_NE(sign_body("s", 1'700'000'000, "{}").substr(13),
            sign_body("s", 1'700'000'001, "{}").substr(13));
}

} // namespace
} // namespace tocsin::signature_test
