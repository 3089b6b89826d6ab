#include "actors/http/cors.hpp"

#include "actors/http/router.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::cors_test {
namespace {

TEST(cors, reads_origins_as_browsers_write_them) {
  EXPECT_EQ(*read_origin("https://app.example"), "https://app.example");
  EXPECT_EQ(*read_origin("HTTP://App.Example:8080"), "http://app.example:8080");
  EXPECT_EQ(*read_origin("https://app.example:443"), "https://app.example");
  EXPECT_EQ(*read_origin("http://[::1]:80"), "http://[::1]");
  for (const char* bad : {"*", "null", "", "https://", "app.example", "https://app.example/",
                          "https://a b", "https://user@app.example", "ftp://app.example"}) {
    EXPECT_FALSE(read_origin(bad)) << bad;
  }
}

class cors_of_a_router : public testing::Test {
protected:
  response ask(std::string method, field_list headers, const std::string& path = "/data") {
    router routes(access_policy{.tokens = tokens, .origins = {"https://app.example"}});
    routes.add("GET", "/data", right::read,
               [](request, responder answer) { answer.send(response{.body = "data"}); });
    response got{.status = 0};
    request what{.method = std::move(method), .path = path};
    what.headers = std::move(headers);
    routes(std::move(what), responder([&got](response r) { got = std::move(r); }));
    return got;
  }
  static std::string allowed(const response& what) {
    return std::string(find_field(what.headers, "Access-Control-Allow-Origin").value_or("nobody"));
  }

  std::vector<access_token> tokens = {access_token(secret("0123456789abcdef"))};
  const std::pair<std::string, std::string> token{"Authorization", "Bearer 0123456789abcdef"};
  const std::pair<std::string, std::string> ours{"Origin", "https://app.example"};
  const std::pair<std::string, std::string> asks{"Access-Control-Request-Method", "GET"};
};

TEST_F(cors_of_a_router, lets_pages_of_an_admitted_origin_read_answers_and_refusals) {
  const auto data = ask("GET", {ours, token});
  EXPECT_EQ(data.body, "data");
  EXPECT_EQ(allowed(data), "https://app.example");
  EXPECT_EQ(find_field(data.headers, "Vary"), "Origin");
  EXPECT_FALSE(find_field(data.headers, "Access-Control-Allow-Credentials"));
  const auto refused = ask("GET", {ours});
  EXPECT_EQ(refused.status, 401u);
  EXPECT_EQ(allowed(refused), "https://app.example");
}

TEST_F(cors_of_a_router, lets_no_other_page_read) {
  for (const char* other : {"https://evil.example", "http://app.example", "https://app.example:444",
                            "https://app.example.evil.example", "null"}) {
    EXPECT_EQ(allowed(ask("GET", {{"Origin", other}, token})), "nobody") << other;
    const auto preflight = ask("OPTIONS", {{"Origin", other}, asks});
    EXPECT_EQ(preflight.status, 401u) << other;
    EXPECT_EQ(allowed(preflight), "nobody") << other;
  }
  EXPECT_EQ(allowed(ask("GET", {token})), "nobody");
}

TEST_F(cors_of_a_router, answers_preflights_alike_for_every_path) {
  const auto there = ask("OPTIONS", {ours, asks});
  const auto nowhere = ask("OPTIONS", {ours, asks}, "/nowhere");
  EXPECT_EQ(there.status, 204u);
  EXPECT_EQ(there.headers, nowhere.headers);
  EXPECT_EQ(find_field(there.headers, "Access-Control-Allow-Headers"),
            "Authorization, Content-Type, Content-Encoding, Last-Event-ID");
  EXPECT_EQ(ask("OPTIONS", {ours}).status, 401u); // no preflight
}

TEST_F(cors_of_a_router, without_tokens_an_admitted_origin_is_none_of_another_site) {
  tokens.clear();
  EXPECT_EQ(ask("GET", {ours, {"Host", "tocsin.example"}}).status, 200u);
  EXPECT_EQ(ask("GET", {{"Origin", "https://evil.example"}, {"Host", "tocsin.example"}}).status,
            403u);
}

} // namespace
} // namespace tocsin::http::cors_test
