#include "actors/http/message.hpp"

#include "actors/http/head.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::message_test {
namespace {

TEST(refusal, has_one_json_shape) {
  const response what = to_response(refusal{404, "not-found", "there is nothing at \"/x\""});
  EXPECT_EQ(what.status, 404u);
  EXPECT_EQ(what.content_type, "application/json");
  EXPECT_EQ(what.body, "{\"error\":{\"code\":\"not-found\",\"message\":"
                       "\"there is nothing at \\\"/x\\\"\"}}\n");
}

TEST(request, finds_headers_whatever_their_case) {
  request what;
  what.headers = {{"content-ENCODING", "gzip"}};
  what.query = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(what.header("Content-Encoding"), "gzip");
  EXPECT_EQ(what.header("Content"), std::nullopt);
  EXPECT_EQ(what.parameter("a"), "1");
  EXPECT_EQ(what.parameter("A"), std::nullopt);
}

TEST(render_head, adds_security_headers_and_lets_the_response_win) {
  response what{.body = "hello", .headers = {{"content-security-policy", "default-src 'self'"}}};
  const std::string head = render_head(what, true, 1700000000);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"));
  EXPECT_NE(head.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(head.find("X-Frame-Options: DENY\r\n"), std::string::npos);
  EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_NE(head.find("default-src 'self'"), std::string::npos);
  EXPECT_EQ(head.find("default-src 'none'"), std::string::npos);
  EXPECT_TRUE(head.ends_with("Connection: keep-alive\r\n\r\n"));
}

TEST(render_head, lets_no_header_value_begin_a_new_line) {
  const response what{.headers = {{"Location", "/a\r\nSet-Cookie: x=1"}}};
  EXPECT_EQ(render_head(what, true, 0).find("\r\nSet-Cookie"), std::string::npos);
}

TEST(render_head, gives_no_length_where_there_is_no_body) {
  const response what{.status = 204};
  EXPECT_EQ(render_head(what, false, 0).find("Content-Length"), std::string::npos);
}

} // namespace
} // namespace tocsin::http::message_test
