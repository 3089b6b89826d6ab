#include "actors/api/explain_log.hpp"

#include "config/json_text.hpp"
#include "streams/partition/log_scan.hpp"
#include "streams/rule/window_past.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

// One host: the second place is for when it is forgotten and returns at once.
constexpr intake::bounds one_host{2, 8, 0};

http::response not_in_log(const explanation& e) {
  return http::to_response(
      http::refusal{404, "unknown-check",
                    fmt::format("the windows do not reach back to the check at {}, and the log in "
                                "Redis does not hold its whole window any more",
                                iso_time(e.grid.end_ms(e.check)))});
}

// Whether nothing was ever sealed before the history begins: that is not known, but it is known
// that the engine did not know it either.
bool begins_with_all(const tick_history& history) {
  return history.non_blind(history.first() - 1) == 0;
}

struct log_walker {
  explanation& said;
  field_past past;
  bool found = false;
  tick from = 0;

  void visit(const intake& in, tick n) {
    if (!said.checks_at(n) || n < said.first_listed())
      return;
    const auto host = in.hosts().find(said.host);
    if (!host)
      return nobody(n);
    const auto reach = said.looked_at();
    const bool from_the_start = from == in.history().first() && begins_with_all(in.history());
    if (n - reach + 1 < from && !from_the_start)
      return;
    past = read_past(in, 0, *host, n - reach + 1, n);
    auto c = explain_check(said.about, said.window_ticks(), said.watch_ticks, past, n);
    if (c.reason != unknown_reason::never_reported)
      said.checks.push_back({n, c.value, c.verdict});
    if (n != said.check)
      return;
    found = true;
    said.found = std::move(c);
    said.first = past.first;
  }
  void nobody(tick n) {
    if (n != said.check)
      return;
    found = true;
    said.nothing = "unknown-host";
    said.nothing_words =
        fmt::format("no host {} was known at this check", quote_for_people(said.host));
  }
};

} // namespace

result<http::response> explain_from_log(redis::connection& c, const redis::partition_keys& keys,
                                        const settings& config, explanation said,
                                        std::int64_t now_ms, const query_desk::go_on& go_on) {
  scan_want want;
  want.fields.push_back({said.about.field, said.looked_at() + 1});
  want.host = said.host;
  want.bounds = one_host;
  want.bounds.host_expiry_ms = config.host_expiry_ms;
  const auto reach = said.looked_at();
  auto scan = log_scan::open(c, keys, said.grid, std::move(want),
                             said.grid.start_ms(std::max<tick>(said.first_listed() - reach + 1, 0)),
                             said.grid.start_ms(said.last_listed()));
  if (!scan)
    return scan.failure();
  if (scan->first() > said.check || scan->last() < said.check)
    return not_in_log(said);
  said.source = "log";
  said.as_of_ms = now_ms;
  log_walker walker{said, {}, false, scan->first()};
  const auto end = scan->read(
      c, scan->first(), std::min(scan->last(), said.last_listed()),
      [&](const intake& in, tick n) { walker.visit(in, n); }, go_on);
  if (!end)
    return end.failure();
  if (*end == scan_end::stopped && !walker.found)
    return http::to_response(
        http::refusal{504, "too-slow", "reading the log took longer than 10 s"});
  if (*end == scan_end::trimmed || !walker.found)
    return not_in_log(said);
  return http::response{.body = to_json(said)};
}

} // namespace tocsin
