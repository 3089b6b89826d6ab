#include "actors/sinks/credentials.hpp"

#include <gtest/gtest.h>

namespace tocsin::credentials_test {
namespace {

alertmanager_entry basic(std::string name, std::string password) {
  alertmanager_entry out;
  out.username = std::move(name);
  out.password = std::move(password);
  return out;
}

TEST(credentials, none_are_no_header) {
  EXPECT_EQ(authorization({}), "");
}

TEST(credentials, a_token_is_sent_as_it_is) {
  alertmanager_entry to;
  to.token = "abc.def";
  EXPECT_EQ(authorization(to), "Bearer abc.def");
}

// The first is that of RFC 7617, the others have each length of padding.
TEST(credentials, user_name_and_password_are_base64) {
  EXPECT_EQ(authorization(basic("Aladdin", "open sesame")), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(authorization(basic("a", "b")), "Basic YTpi");
  EXPECT_EQ(authorization(basic("a", "bc")), "Basic YTpiYw==");
  EXPECT_EQ(authorization(basic("a", "bcd")), "Basic YTpiY2Q=");
}

TEST(credentials, long_ones_stay_on_one_line) {
  EXPECT_EQ(authorization(basic("a", std::string(300, 'x'))).find('\n'), std::string::npos);
}

} // namespace
} // namespace tocsin::credentials_test
