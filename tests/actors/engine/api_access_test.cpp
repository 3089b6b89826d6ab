#include "actors/api.hpp"

#include <gtest/gtest.h>

namespace tocsin::api_access_test {
namespace {

using http::right;

constexpr const char* admin_token = "admin-0123456789abcdef";
constexpr const char* read_token = "read-0123456789abcdef";
constexpr const char* write_token = "write-0123456789abcdef";

// The engine's own routes, asked by people who may not: none of this reaches a handler, so there
// need be no engine behind it.
class api_access : public testing::Test {
protected:
  api_access() {
    const auto token = [](const char* text, right gives) {
      return http::access_token(http::secret(text), gives);
    };
    http::access_policy policy;
    policy.tokens = {token(admin_token, right::admin), token(read_token, right::read),
                     token(write_token, right::write)};
    routes = make_api(ctx, registry, {}, std::make_shared<query_desk>(registry),
                      std::make_shared<http::live_access>(std::move(policy)));
  }

  http::response ask(std::string_view method, std::string_view path, const std::string& header) {
    http::response got{.status = 0};
    http::request what{.method = std::string(method), .path = std::string(path)};
    if (!header.empty())
      what.headers = {{"Authorization", header}};
    (*routes)(std::move(what),
              http::responder([&got](http::response answer) { got = std::move(answer); }));
    return got;
  }

  // Says nothing but that, whoever asks.
  void expect_refused(const http::response& got, unsigned status, const char* code) {
    EXPECT_EQ(got.status, status);
    EXPECT_TRUE(got.body.starts_with(std::string("{\"error\":{\"code\":\"") + code + "\""))
        << got.body;
    EXPECT_EQ(got.body.find(admin_token), std::string::npos);
    EXPECT_LT(got.body.size(), 200u);
  }

  metric_registry registry;
  engine_context ctx{settings{}, redis_address{}, registry};
  std::shared_ptr<const http::router> routes;
};

TEST_F(api_access, nothing_without_a_good_token_at_any_route) {
  int closed = 0;
  for (const auto& [method, path, needed] : routes->routes()) {
    SCOPED_TRACE(std::string(method) + " " + std::string(path));
    if (needed == right::open)
      continue;
    ++closed;
    expect_refused(ask(method, path, ""), 401, "token-missing");
    expect_refused(ask(method, path, "Basic YWRtaW46"), 401, "token-missing");
    expect_refused(ask(method, path, "Bearer wrong-0123456789abcdef"), 401, "token-wrong");
    expect_refused(ask(method, path, "Bearer "), 401, "token-wrong");
    expect_refused(ask("DELETE", path, ""), 401, "token-missing");
    expect_refused(ask(method, std::string(path) + "/", ""), 401, "token-missing");
  }
  EXPECT_GE(closed, 3);
}

TEST_F(api_access, nothing_with_a_token_of_another_kind_at_any_route) {
  for (const auto& [method, path, needed] : routes->routes()) {
    SCOPED_TRACE(std::string(method) + " " + std::string(path));
    if (needed == right::write || needed == right::admin)
      expect_refused(ask(method, path, std::string("Bearer ") + read_token), 403,
                     "token-lacks-right");
    if (needed == right::read || needed == right::admin)
      expect_refused(ask(method, path, std::string("Bearer ") + write_token), 403,
                     "token-lacks-right");
  }
}

TEST_F(api_access, only_health_and_the_dashboard_are_open_and_only_samples_are_written) {
  for (const auto& [method, path, needed] : routes->routes()) {
    SCOPED_TRACE(std::string(method) + " " + std::string(path));
    const bool health =
        path == "/healthz" || path == "/readyz" || path == "/-/healthy" || path == "/-/ready";
    const bool file = path == "/" || path == "/dashboard/{file}";
    const bool link = path == "/incidents/{id}"; // to the dashboard, whatever the id
    EXPECT_EQ(needed == right::open, health || file || link);
    EXPECT_EQ(needed == right::write, path == "/api/v1/samples");
    EXPECT_NE(needed, right::any);
  }
}

} // namespace
} // namespace tocsin::api_access_test
