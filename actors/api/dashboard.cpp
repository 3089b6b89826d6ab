#include "actors/api/dashboard.hpp"

#include "actors/api/dashboard_files.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

constexpr std::size_t name_shown_max = 100;

std::string_view type_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{{
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".svg", "image/svg+xml"},
  }};
  for (const auto& [ending, type] : types)
    if (name.ends_with(ending))
      return type;
  return "text/plain; charset=utf-8";
}

// A list of tags, of which any may be weak, or `*`.
bool is_known(std::string_view list, std::string_view etag) {
  return list == "*" || list.find(etag) != std::string_view::npos;
}

http::response answer_of(const dashboard_file& file, const http::request& what) {
  http::response answer{.content_type = std::string(type_of(file.name)),
                        .headers = {{"Cache-Control", "no-cache"},
                                    {"Content-Security-Policy", std::string(policy)},
                                    {"ETag", std::string(file.etag)}}};
  const auto known = what.header("If-None-Match");
  if (known && is_known(*known, file.etag))
    answer.status = 304;
  else
    answer.body = file.text;
  return answer;
}

} // namespace

const dashboard_file* find_dashboard_file(std::string_view name) {
  const auto files = dashboard_files();
  const auto at = std::find_if(files.begin(), files.end(),
                               [&](const dashboard_file& file) { return file.name == name; });
  return at == files.end() ? nullptr : &*at;
}

void add_dashboard_routes(http::router& routes) {
  using http::right;
  routes.add("GET", "/", right::open, [](auto what, auto answer) {
    answer.send(answer_of(*find_dashboard_file("index.html"), what));
  });
  routes.add("GET", "/dashboard/{file}", right::open, [](auto what, auto answer) {
    const auto* file = find_dashboard_file(what.rest);
    if (file)
      return answer.send(answer_of(*file, what));
    answer.send(http::refusal{404, "not-found",
                              fmt::format("the dashboard has no file {}: it begins at /",
                                          what.rest.substr(0, name_shown_max))});
  });
}

} // namespace tocsin
