#include "actors/api.hpp"
#include "actors/api/openapi.hpp"
#include "config/json_document.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

namespace tocsin::openapi_test {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  return text;
}

std::string name_of(http::right what) {
  switch (what) {
  case http::right::open:
    return "open";
  case http::right::read:
    return "read";
  case http::right::write:
    return "write";
  default:
    return "admin";
  }
}

// "GET /metrics read"
using route_names = std::set<std::string>;

route_names routes_of_the_engine() {
  metric_registry registry;
  engine_context ctx{settings{}, redis_address{}, registry};
  const auto routes = make_api(ctx, registry, {}, std::make_shared<query_desk>(registry),
                               std::make_shared<http::live_access>(http::access_policy{}));
  route_names names;
  for (const auto& one : routes->routes())
    names.insert(std::string(one.method) + ' ' + std::string(one.path) + ' ' + name_of(one.needed));
  return names;
}

TEST(openapi, names_every_route_with_its_right_and_no_other) {
  const auto document = json_document::read(openapi_text());
  ASSERT_TRUE(document) << document.failure().message;
  route_names documented;
  for (const auto& path : document->root().find("paths")->value.members)
    for (const auto& way : path.value.members) {
      const auto& right = way.value.find("x-right")->value.text;
      documented.insert(upper(way.key) + ' ' + path.key + ' ' + right);
      EXPECT_EQ(way.value.find("security")->value.items.empty(), right == "open") << path.key;
    }
  EXPECT_EQ(documented, routes_of_the_engine());
}

TEST(openapi, is_the_text_in_the_documentation) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/docs/openapi.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, openapi_text());
}

} // namespace
} // namespace tocsin::openapi_test
