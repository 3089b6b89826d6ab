#pragma once

#include "config/text_map.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

enum class aggregation : std::uint8_t { avg, sum, min, max, last, count };
enum class operand : std::uint8_t { equal_or_more_than, equal_or_less_than };

/// What a rule makes of a window without any value: an unknown verdict, or a false one.
enum class no_data : std::uint8_t { keep, resolve };

/// The names that the configuration and the incident stream use: "avg", "equalOrMoreThan", "keep".
std::string_view name_of(aggregation);
std::string_view name_of(operand);
std::string_view name_of(no_data);

/// One incident rule as the operator wrote it, checked.
struct rule {
  std::string name;  ///< as written, blanks kept; unique in a rule set, never empty
  std::string field; ///< for example "cpu.usage"
  aggregation aggregate = aggregation::avg;
  operand compare = operand::equal_or_more_than;
  double threshold = 0;          ///< finite
  std::int64_t timeframe_ms = 0; ///< > 0
  std::int64_t cooldown_ms = 0;  ///< >= 0
  bool partial = false;          ///< no tick of the window is ever missing
  no_data on_no_data = no_data::keep;
  text_map labels{};      ///< copied to every event
  text_map annotations{}; ///< as written; filled for every event (annotation.hpp)

  /// How many ticks of this interval the window has: the timeframe rounded up, at least 1.
  constexpr std::int64_t window_ticks(std::int64_t interval_ms) const {
    return timeframe_ms <= interval_ms ? 1 : (timeframe_ms + interval_ms - 1) / interval_ms;
  }

  /// Whether values above the threshold meet it; else those below.
  constexpr bool wants_more() const { return compare == operand::equal_or_more_than; }
  /// Whether the aggregate of no value is 0, and not nothing.
  constexpr bool adds() const {
    return aggregate == aggregation::sum || aggregate == aggregation::count;
  }

  friend bool operator==(const rule&, const rule&) = default;
};

/// Rules in the order of the configuration, which is the order of events within a tick.
using rule_set = std::vector<rule>;

/// A window holds at most this many ticks.
inline constexpr std::int64_t window_ticks_max = 4096;

} // namespace tocsin
