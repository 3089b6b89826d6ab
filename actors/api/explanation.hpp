#pragma once

#include "streams/rule/explain.hpp"
#include "streams/rule/life_cycle.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tocsin {

/// One check of a list: when, and what came out.
struct brief_check {
  tick at = 0;
  std::optional<double> value;
  std::optional<bool> verdict;
};

/// Which rule a past check is explained under: the one in force now, which is that of the check;
/// the one of the check, which has changed since; or the one in force now, as that of the check is
/// not kept any more.
enum class rule_origin : std::uint8_t { now, then, unknown };

/// Why one rule fired for one host, or did not: everything that GET /api/v1/explain says.
struct explanation {
  rule about;
  rule_origin under = rule_origin::now;
  std::optional<rule> rule_now; ///< where `about` is of then: the rule of this name in force now
  std::string host;
  std::string cluster;
  tick_grid grid;
  std::int64_t watch_ticks = 1;
  bool asked_at = false; ///< a certain check, not the last one

  tick check = 0; ///< the check that is explained
  std::optional<life_cycle::incident> open;
  std::optional<std::int64_t> cooling_until_ms;

  /// Why there is no check to explain, as a code and a sentence; empty: there is one.
  std::string nothing, nothing_words;
  explained_check found;
  tick first = tick_max; ///< the host's first tick with the field
  std::vector<brief_check> checks;
  const char* source = "windows";
  std::int64_t as_of_ms = 0;

  std::int64_t window_ticks() const { return grid.window_ticks(about.timeframe_ms); }
  /// How many ticks a check of the rule looks at.
  std::int64_t looked_at() const { return ticks_looked_at(window_ticks(), watch_ticks); }
  /// The check ticks listed around the one explained: up to so many before and after it.
  static constexpr std::int64_t checks_around = 30;
  tick first_listed() const { return check - checks_around * watch_ticks; }
  tick last_listed() const { return check + checks_around * watch_ticks; }
  bool checks_at(tick n) const { return (n + 1) % watch_ticks == 0; }
  /// Whether the check opened the incident that is open, but came out otherwise: late values have
  /// come since.
  bool contradicts_incident() const;
};

/// As JSON.
std::string to_json(const explanation&);

} // namespace tocsin
