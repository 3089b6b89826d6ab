#include "actors/api/reload.hpp"

#include "config/json_text.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tocsin {

namespace {

using kind = reload_outcome::kind;

constexpr std::size_t problems_shown_max = 200;

std::string names_json(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names)
    quoted.push_back(quote_json(name));
  return fmt::format("[{}]", fmt::join(quoted, ","));
}

std::string_view name_of(kind what) {
  return what == kind::done ? "done" : what == kind::unchanged ? "unchanged" : "pending";
}

http::response config_errors(const reload_outcome& o) {
  return {.status = 422,
          .body = fmt::format(R"({{"error":{{"code":"config-errors","message":{}}},"problems":{}}})"
                              "\n",
                              quote_json(o.message), problems_json(o.problems))};
}

http::response refused(unsigned status, const char* code, const reload_outcome& o) {
  auto answer = http::to_response(http::refusal{status, code, o.message});
  if (status == 503)
    answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

http::response accepted(const reload_outcome& o, std::int64_t now_ms) {
  const auto& c = o.changes;
  return {.status = o.what == kind::pending ? 202u : 200u,
          .body = fmt::format(
              R"({{"result":"{}","rules":{},"ruleSet":"{}","added":{},"changed":{},"removed":{},)"
              R"("needRestart":{},"problems":{},"asOf":"{}"}})"
              "\n",
              name_of(o.what), o.rules, o.rule_set, names_json(c.added), names_json(c.changed),
              names_json(c.removed), names_json(o.need_restart), problems_json(o.problems),
              iso_time(now_ms))};
}

} // namespace

std::string problems_json(const diagnostics& problems) {
  std::vector<std::string> shown;
  for (const auto level : {diagnostic::severity::error, diagnostic::severity::warning})
    for (const auto& p : problems)
      if (p.level == level && shown.size() < problems_shown_max)
        shown.push_back(p.json());
  return fmt::format("[{}]", fmt::join(shown, ","));
}

http::response to_response(const reload_outcome& what, std::int64_t now_ms) {
  switch (what.what) {
  case kind::config_errors:
    return config_errors(what);
  case kind::standby:
    return refused(409, "standby", what);
  case kind::not_evaluating:
    return refused(503, "not-evaluating", what);
  case kind::redis_away:
    return refused(503, "redis-away", what);
  case kind::failed:
    return refused(500, "reload-failed", what);
  case kind::done:
  case kind::unchanged:
  case kind::pending:
    break;
  }
  return accepted(what, now_ms);
}

void add_reload_routes(http::router& routes, const api_context& ctx) {
  for (const auto* path : {"/-/reload", "/api/v1/reload"})
    routes.add(
        "POST", path, http::right::admin,
        [ctx](auto, auto answer) { ctx.reloads.ask(std::move(answer), ctx.monotonic_ms()); },
        http::router::idle_body_bytes_max);
}

} // namespace tocsin
