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

std::vector<std::string> read_base_urls(const json_cursor& array, problem_list& problems) {
  std::vector<std::string> out;
  if (array.node().type != kind::array) {
    problems.error(array.place(), fmt::format(R"(expected an array such as ["http://host:9093"], )"
                                              "found {}",
                                              array.node().kind_name()));
    return out;
  }
  for (std::size_t i = 0; i < array.node().items.size(); ++i) {
    const auto item = array.child(i);
    auto url = read_base_url(item, problems);
    if (!url)
      continue;
    if (url->ends_with("/api/v2") || url->ends_with("/api/v2/alerts"))
      problems.error(item.place(), "write the URL of the Alertmanager itself: /api/v2/alerts is "
                                   "appended to it");
    else if (std::find(out.begin(), out.end(), *url) != out.end())
      problems.error(item.place(), "this URL stands here already: each is told once");
    else
      out.push_back(std::move(*url));
  }
  if (out.size() > alertmanagers_max)
    problems.error(array.place(),
                   fmt::format("{} are too many: at most {}", out.size(), alertmanagers_max));
  return out;
}

} // namespace tocsin
