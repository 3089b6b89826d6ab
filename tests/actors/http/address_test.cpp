#include "actors/http/address.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::address_test {
namespace {

TEST(parse_listen, reads_hosts_with_and_without_brackets) {
  for (const char* text : {"127.0.0.1:9480", "[::1]:9480", "localhost:0", "0.0.0.0:65535"}) {
    const auto address = parse_listen(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_EQ(parse_listen("[::1]:9480")->host, "::1");
}

TEST(parse_listen, says_what_is_wrong_and_what_would_be_right) {
  const std::pair<const char*, const char*> cases[] = {
      {"127.0.0.1", "the port is missing"}, {":9480", "the host is missing"},
      {"127.0.0.1:", "no number"},          {"127.0.0.1:65536", "from 0 to 65535"},
      {"127.0.0.1:-1", "no number"},        {"127.0.0.1:94x", "no number"},
      {"::1:9480", "needs brackets"},       {"[zz]:1", "no IPv6 address"},
      {"http://a:1", "a URL is more"},      {"a b:1", "no host has"},
      {"", "the port is missing"},          {"http://127.0.0.1", "a URL is more"},
  };
  for (const auto& [text, why] : cases) {
    const auto address = parse_listen(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.failure().message.find(why), std::string::npos) << address.failure().message;
    EXPECT_NE(address.failure().message.find("127.0.0.1:9480"), std::string::npos);
  }
}

TEST(is_loopback, knows_what_only_this_machine_can_reach) {
  for (const char* host : {"127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST",
                           "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "127.evil.example", "128.0.0.1",
                           "localhost.evil.example", "", "127.1", "::ffff:10.0.0.1"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

} // namespace
} // namespace tocsin::http::address_test
