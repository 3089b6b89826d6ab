#include "actors/http/router.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::router_test {
namespace {

handler says(std::string text) {
  return [text](request, responder answer) { answer.send(response{.body = text}); };
}

router sample_router(access_policy policy = {}) {
  router routes(std::move(policy));
  routes.add("POST", "/api/v1/samples", right::write, says("post"));
  routes.add("GET", "/metrics", right::read, says("metrics"));
  routes.add("GET", "/both", right::open, says("get"));
  routes.add("PUT", "/both", right::admin, says("put"));
  return routes;
}

response ask(const router& routes, std::string method, std::string path) {
  response got{.status = 0};
  request what;
  what.method = std::move(method);
  what.path = std::move(path);
  routes(std::move(what), responder([&got](response answer) { got = std::move(answer); }));
  return got;
}

TEST(router, picks_the_handler_by_path_and_method) {
  const router routes = sample_router();
  EXPECT_EQ(ask(routes, "POST", "/api/v1/samples").body, "post");
  EXPECT_EQ(ask(routes, "GET", "/both").body, "get");
  EXPECT_EQ(ask(routes, "PUT", "/both").body, "put");
}

TEST(router, gives_the_rest_of_a_path_to_the_route_that_asks_for_it) {
  router routes = sample_router();
  routes.add("GET", "/api/v1/hosts/{host}", right::read,
             [](request what, responder answer) { answer.send(response{.body = what.rest}); });
  routes.add("GET", "/api/v1/hosts/all", right::read, says("exact"));
  EXPECT_EQ(ask(routes, "GET", "/api/v1/hosts/web/1 \"x\"").body, "web/1 \"x\"");
  EXPECT_EQ(ask(routes, "GET", "/api/v1/hosts/all").body, "exact");
  EXPECT_EQ(ask(routes, "GET", "/api/v1/hosts/").status, 404u);
  EXPECT_EQ(ask(routes, "GET", "/api/v1/hosts").status, 404u);
  EXPECT_EQ(ask(routes, "POST", "/api/v1/hosts/web-1").status, 405u);
}

TEST(router, answers_head_as_get) {
  EXPECT_EQ(ask(sample_router(), "HEAD", "/metrics").body, "metrics");
  EXPECT_EQ(ask(sample_router(), "HEAD", "/api/v1/samples").status, 405u);
}

TEST(router, names_the_unknown_path_and_the_routes_near_it) {
  const response what = ask(sample_router(), "GET", "/api/v1/sample");
  EXPECT_EQ(what.status, 404u);
  EXPECT_EQ(what.body, "{\"error\":{\"code\":\"not-found\",\"message\":\"there is nothing at "
                       "/api/v1/sample; there is /api/v1/samples\"}}\n");
  EXPECT_NE(ask(sample_router(), "GET", "/metrics/").body.find("there is /metrics"),
            std::string::npos);
  EXPECT_EQ(ask(sample_router(), "GET", "/wp-login.php").body.find("; there is"),
            std::string::npos);
}

TEST(router, shows_only_the_beginning_of_a_long_path_and_valid_json_for_any_path) {
  const response what = ask(sample_router(), "GET", "/\xff\"" + std::string(10'000, 'x'));
  EXPECT_LT(what.body.size(), 500u);
  EXPECT_NE(what.body.find("\\\""), std::string::npos);
  EXPECT_EQ(what.body.find('\xff'), std::string::npos);
}

TEST(router, says_which_methods_a_path_takes) {
  const response what = ask(sample_router(), "DELETE", "/both");
  EXPECT_EQ(what.status, 405u);
  EXPECT_EQ(find_field(what.headers, "Allow"), "GET, HEAD, PUT");
  EXPECT_NE(what.body.find("/both takes GET, HEAD, PUT, not DELETE"), std::string::npos);
}

TEST(router, asks_for_the_token_before_it_tells_which_paths_there_are) {
  const router routes = sample_router({.tokens = {access_token(secret("0123456789abcdef"))}});
  EXPECT_EQ(ask(routes, "GET", "/unknown").status, 401u);
  EXPECT_EQ(ask(routes, "GET", "/metrics").status, 401u);
  EXPECT_EQ(ask(routes, "DELETE", "/both").status, 401u);
  EXPECT_EQ(ask(routes, "GET", "/both").body, "get");
}

TEST(router, lists_its_routes_and_what_they_need) {
  const router routes = sample_router();
  std::string all;
  for (const auto& one : routes.routes()) {
    all += std::string(one.method) + " " + std::string(one.path) + " " +
           std::to_string(int(one.needed)) + "\n";
  }
  EXPECT_EQ(all, "POST /api/v1/samples 3\nGET /both 0\nPUT /both 4\nGET /metrics 2\n");
}

TEST(router, asks_by_the_policy_in_force) {
  const auto access = std::make_shared<live_access>(access_policy{});
  router routes{std::shared_ptr<const live_access>(access)};
  routes.add("GET", "/metrics", right::read, says("metrics"));
  EXPECT_EQ(ask(routes, "GET", "/metrics").status, 200u);
  access->replace({.tokens = {access_token(secret("0123456789abcdef"))}});
  EXPECT_EQ(ask(routes, "GET", "/metrics").status, 401u);
}

request head_of(std::string method, std::string path, field_list headers = {}) {
  request what;
  what.method = std::move(method);
  what.path = std::move(path);
  what.headers = std::move(headers);
  return what;
}

TEST(router, decides_by_the_head_alone_which_bodies_are_read) {
  const field_list good{{"Authorization", "Bearer 0123456789abcdef"}};
  const field_list wrong{{"Authorization", "Bearer wrong"}};
  router routes = sample_router({.tokens = {access_token(secret("0123456789abcdef"))}});
  routes.add("POST", "/question", right::read, says("answer"), 1000);
  const auto samples = routes.admit(head_of("POST", "/api/v1/samples", good));
  EXPECT_FALSE(samples.refused);
  EXPECT_EQ(samples.body_bytes_max, body_bytes_limit);
  EXPECT_EQ(routes.admit(head_of("POST", "/question", good)).body_bytes_max, 1000u);
  for (const auto& refused :
       {head_of("POST", "/api/v1/samples", wrong), head_of("POST", "/api/v1/samples"),
        head_of("POST", "/none", good), head_of("DELETE", "/both", good)}) {
    EXPECT_TRUE(routes.admit(refused).refused) << refused.path;
  }
  // What is open to everybody takes no large bodies from anybody.
  EXPECT_EQ(routes.admit(head_of("GET", "/both")).body_bytes_max, router::idle_body_bytes_max);
  EXPECT_EQ(routes.admit(head_of("HEAD", "/both")).body_bytes_max, router::idle_body_bytes_max);
}

TEST(router, knows_who_showed_a_good_token) {
  const field_list good{{"Authorization", "Bearer 0123456789abcdef"}};
  const router routes = sample_router({.tokens = {access_token(secret("0123456789abcdef"))}});
  EXPECT_TRUE(routes.admit(head_of("GET", "/metrics", good)).known);
  EXPECT_FALSE(routes.admit(head_of("GET", "/metrics")).known);
  EXPECT_FALSE(routes.admit(head_of("GET", "/both", good)).known); // nobody looked at it
  EXPECT_TRUE(sample_router().admit(head_of("GET", "/metrics")).known);
}

TEST(router, lets_pages_of_admitted_origins_read_refusals_too) {
  const router routes = sample_router(
      {.tokens = {access_token(secret("0123456789abcdef"))}, .origins = {"https://app.example"}});
  const auto refused =
      routes.admit(head_of("POST", "/api/v1/samples", {{"Origin", "https://app.example"}}));
  EXPECT_TRUE(refused.refused);
  response got;
  refused.handle({}, responder([&got](response answer) { got = std::move(answer); }));
  EXPECT_EQ(got.status, 401u);
  EXPECT_EQ(find_field(got.headers, "Access-Control-Allow-Origin"), "https://app.example");
}

TEST(responder, answers_500_when_it_is_dropped) {
  unsigned status = 0;
  {
    responder dropped([&](response what) { status = what.status; });
  }
  EXPECT_EQ(status, 500u);
}

TEST(responder, owes_nothing_after_it_was_moved_or_has_sent) {
  int answers = 0;
  {
    responder first([&](response) { ++answers; });
    responder second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_TRUE(second);
    second.send(response{});
    EXPECT_FALSE(second);
  }
  EXPECT_EQ(answers, 1);
}

TEST(responder, answers_what_it_owed_before_it_takes_over_another) {
  std::vector<unsigned> got;
  responder one([&](response what) { got.push_back(what.status); });
  one = responder([&](response what) { got.push_back(what.status); });
  one.send(response{.status = 200});
  EXPECT_EQ(got, (std::vector<unsigned>{500, 200}));
}

} // namespace
} // namespace tocsin::http::router_test
