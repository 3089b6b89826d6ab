#include "actors/http/target.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::target_test {
namespace {

TEST(parse_target, splits_and_decodes_path_and_query) {
  const auto where = parse_target("/a%20b+c?x=1&y=a+b%26c&flag&&x=2#rest");
  ASSERT_TRUE(where);
  EXPECT_EQ(where->path, "/a b+c");
  const field_list expected{{"x", "1"}, {"y", "a b&c"}, {"flag", ""}, {"x", "2"}};
  EXPECT_EQ(where->query, expected);
}

TEST(parse_target, takes_the_form_that_proxies_send) {
  EXPECT_EQ(parse_target("http://host:9480/healthz")->path, "/healthz");
  EXPECT_EQ(parse_target("http://host:9480")->path, "/");
  EXPECT_EQ(parse_target("http://host?a=1")->path, "/");
}

TEST(parse_target, refuses_invalid_percent_encoding) {
  for (const char* text : {"/%", "/%4", "/%zz", "/a?b=%", "/a?%x1=b", "/%-1"}) {
    const auto where = parse_target(text);
    ASSERT_FALSE(where) << text;
    EXPECT_NE(where.failure().message.find("two hexadecimal digits"), std::string::npos);
  }
}

TEST(parse_target, refuses_what_is_no_path) {
  for (const char* text : {"*", "healthz", "", "/%00", "/a?b=%00", "example.com:443"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

} // namespace
} // namespace tocsin::http::target_test
