#pragma once

#include "config/json_text.hpp"
#include "config/settings.hpp"
#include "tests/support/naive_partition.hpp"

#include <fmt/format.h>
#include <random>

namespace tocsin::test {

/// Random numbers that are the same on every machine (std::uniform_… is not).
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}
  /// 0 … n − 1
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n));
  }
  std::int64_t between(std::int64_t least, std::int64_t greatest) {
    return least + below(greatest - least + 1);
  }
  bool percent(std::int64_t p) { return below(100) < p; }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(below(static_cast<std::int64_t>(all.size())))];
  }
  std::uint64_t word() { return engine_(); }

private:
  std::mt19937_64 engine_;
};

inline const std::vector<std::string> scenario_fields = {
    "cpu.usage",   "errors.count",         "requests.count",
    "queue.depth", "requests.latency_sum", "requests.latency_avg"};

inline rule random_rule(dice& d, std::int64_t interval_ms, std::string name) {
  rule r;
  r.name = std::move(name);
  r.field = d.one_of(scenario_fields);
  r.aggregate = static_cast<aggregation>(d.below(6));
  r.compare = d.percent(60) ? operand::equal_or_more_than : operand::equal_or_less_than;
  r.timeframe_ms = d.between(1, 6) * interval_ms;
  r.threshold = static_cast<double>(d.between(0, 24)) / (d.percent(50) ? 8 : 1);
  if (r.aggregate == aggregation::count)
    r.threshold = static_cast<double>(d.between(0, 4));
  r.cooldown_ms = d.percent(40) ? d.between(1, 5) * interval_ms - d.below(2) : 0;
  r.partial = d.percent(20);
  r.on_no_data = d.percent(25) ? no_data::resolve : no_data::keep;
  return r;
}

/// Settings with a few rules on the fields of the scenario, and short times throughout.
inline settings random_settings(dice& d) {
  settings s;
  s.interval_ms = 1'000;
  s.grace_ms = d.one_of<std::int64_t>({0, 200, 600, 1'000, 2'300});
  s.watcher_interval_ms = d.one_of<std::int64_t>({1'000, 1'000, 2'000, 3'000});
  s.host_expiry_ms = d.between(6, 14) * 1'000;
  s.hosts_max = 2'000;
  s.fields_max = 32;
  const auto rules = d.between(2, 10);
  for (std::int64_t i = 0; i < rules; ++i)
    s.rules.push_back(random_rule(d, s.interval_ms, fmt::format("rule {}", i)));
  return s;
}

inline std::string json_of(const naive_line& l) {
  auto out = fmt::format(R"({{"host":{})", quote_json(l.host));
  if (l.ts_ms)
    out += fmt::format(R"(,"ts":{})", *l.ts_ms);
  if (l.gone)
    out += R"(,"gone":true)";
  for (const auto& [field, v] : l.values)
    out += fmt::format(",{}:{}", quote_json(field), write_number(v));
  return out + "}";
}

/// A log of some hosts over some ticks: jitter, silence, outages, late and early samples, resends,
/// hosts that go and come back, heartbeats (from the start, from later on, or never). Ordered by
/// log time, which begins at `begin_ms`. Every sample names its time.
inline std::vector<naive_line> random_log(dice& d, const settings& s, std::int64_t hosts,
                                          std::int64_t ticks, std::int64_t begin_ms) {
  const auto interval = s.interval_ms;
  const auto heartbeats_from = begin_ms + (d.percent(60)   ? 0
                                           : d.percent(50) ? d.below(ticks / 2) * interval
                                                           : ticks * interval);
  const bool seldom = d.percent(40); // one heartbeat only, while samples flow
  std::vector<naive_line> out;
  std::map<std::string, std::int64_t> quiet_until;
  bool said_hello = false;
  for (auto at = begin_ms; at < begin_ms + ticks * interval; at += d.between(0, interval / 3)) {
    if (d.percent(1))
      at += d.between(1, 9) * interval; // nobody can write
    if (at >= heartbeats_from && (!said_hello || d.percent(seldom ? 0 : 20))) {
      out.push_back({at, {}, {}, false, {}});
      said_hello = true;
    }
    naive_line l{at, fmt::format("host-{}", d.below(hosts)), at, false, {}};
    if (at < quiet_until[l.host])
      continue;
    if (d.percent(3))
      quiet_until[l.host] = at + d.between(1, 20) * interval;
    if (!out.empty() && d.percent(4)) { // sent again
      l = d.one_of(out);
      l.at_ms = at;
      out.push_back(l);
      continue;
    }
    const auto off = d.below(100);
    if (off < 15)
      *l.ts_ms += d.between(-interval, interval);
    else if (off < 22)
      *l.ts_ms -= d.between(1, 9) * interval;
    else if (off < 26)
      *l.ts_ms += d.between(1, 6) * interval;
    l.gone = d.percent(2);
    for (const auto& field : scenario_fields)
      if (d.percent(45))
        l.values.emplace_back(field,
                              static_cast<double>(d.between(0, 24)) / (d.percent(50) ? 8 : 1));
    out.push_back(std::move(l));
  }
  return out;
}

/// "resolved rule 1 host-2 1000..4000 = 5 (recovered)": an event as tests compare it.
inline std::string brief(const incident_event& e) {
  return fmt::format("{} {} | {} | {}..{} = {} {} {}", e.opened ? "opened" : "resolved",
                     e.about.name, e.host, e.start_ms, e.end_ms, write_number(e.trigger_value),
                     e.opened ? "" : to_string(e.reason), e.id);
}

} // namespace tocsin::test
