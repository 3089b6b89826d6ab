#include "config/http_url.hpp"
#include "config/webhook_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

} // namespace

std::optional<std::string> read_base_url(const json_cursor& at, problem_list& problems) {
  const auto& node = at.node();
  if (node.type != kind::string) {
    problems.error(at.place(), fmt::format(R"(expected a URL such as "http://host:9093", found {})",
                                           node.kind_name()));
    return std::nullopt;
  }
  auto url = node.text;
  url.erase(std::min(url.find_last_not_of('/') + 1, url.size()));
  if (const auto parts = read_http_url(url); !parts) {
    problems.error(at.place(), fmt::format("this is no URL to use: {}; write http://HOST:PORT or "
                                           "https://HOST",
                                           parts.failure().message));
    return std::nullopt;
  }
  if (url.find_first_of("?#") == std::string::npos)
    return url;
  problems.error(at.place(), "paths are appended to this URL: write it without ? and #");
  return std::nullopt;
}

} // namespace tocsin
