#pragma once

#include "config/result.hpp"
#include "config/rule.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// THE standard workload of all measurements: hosts that report ten fields each at every tick, and
/// rules over them. Pure: everything follows from the numbers of host, field, tick and rule.
///
/// 1. Every value and threshold is, bit for bit, what bench/peers/standard_workload.py computes, so
///    that other programs are measured with the same; tests hold both to one table.
/// 2. Windows are counted in ticks: with an interval other than 10 s they shrink or grow with it.
/// 3. A value takes less than 15 ns: a million hosts make ten million of them for one tick.
namespace tocsin::workload {

inline constexpr std::size_t field_count = 10;
inline constexpr std::array<std::string_view, field_count> field_names = {"cpu.usage",
                                                                          "mem.usage",
                                                                          "mem.free",
                                                                          "requests.count",
                                                                          "requests.latency_avg",
                                                                          "requests.latency_sum",
                                                                          "eventsIn.count",
                                                                          "eventsOut.count",
                                                                          "warnings.count",
                                                                          "errors.count"};
/// What a value from 0 to 100 is multiplied with, by field.
inline constexpr std::array<double, field_count> field_scales = {1.0,   1.0,  163.84, 10.0, 5.0,
                                                                 500.0, 50.0, 50.0,   0.5,  0.2};
/// Whether a field holds whole numbers; else numbers with two decimals.
inline constexpr std::array<bool, field_count> field_whole = {false, false, true, true, false,
                                                              false, true,  true, true, true};

inline constexpr std::int64_t standard_interval_ms = 10'000;

/// "host-00042".
std::string host_name(std::uint64_t host);

/// The number of the tick that holds a moment since 1970: what `value` takes.
constexpr std::int64_t tick_at(std::int64_t ms, std::int64_t interval_ms) {
  return ms / interval_ms;
}

// 32 bits that look random (an avalanche of xors, shifts and odd factors).
constexpr std::uint32_t mix(std::uint64_t number) {
  auto x = static_cast<std::uint32_t>(number);
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  x *= 0x846ca68b;
  return x ^ (x >> 16);
}

/// What is lasting about a field of a host, from 0 up to 90: values lie up to 10 above it.
constexpr double base(std::uint64_t host, std::size_t field) {
  return static_cast<double>(mix(host * 131 + field * 7919 + 17)) / 4294967296.0 * 90.0;
}

// To the nearest whole number, ties to even; |x| < 2^51.
constexpr double round_whole(double x) {
  constexpr double shift = 6755399441055744.0; // 1.5 * 2^52: its neighbours are 1 apart
  return x + shift - shift;
}

/// How many hundredths, correctly rounded from the exact value of `v`, ties to even; |v| < 2^44.
inline double round_hundredths(double v) {
  const double x = v * 100.0; // rounded: of all results, only one on a tie may lie
  const double n = round_whole(x);
  const double off = x - n;
  if (off != 0.5 && off != -0.5) [[likely]]
    return n;
  const double lost = std::fma(v, 100.0, -x);
  return lost == 0 ? n : std::floor(x) + (lost > 0 ? 1.0 : 0.0);
}

/// The number with two decimals that is nearest to `v`, as a double.
inline double round_2(double v) {
  return round_hundredths(v) / 100.0;
}

/// A field's value as a whole number of hundredths, or of ones where the field is whole.
inline double value_units(double base, std::uint64_t host, std::size_t field, std::int64_t tick) {
  const std::uint64_t turn =
      host * 2654435761u + field * 40503u + static_cast<std::uint64_t>(tick % 100003) * 2246822519u;
  const double v = (base + static_cast<double>(turn >> 7 & 0xffff) / 6553.6) * field_scales[field];
  return field_whole[field] ? round_whole(v) : round_hundredths(v);
}

/// What a host reports for a field at a tick; `base` is base(host, field).
inline double value(double base, std::uint64_t host, std::size_t field, std::int64_t tick) {
  const double units = value_units(base, host, field, tick);
  return field_whole[field] ? units : units / 100.0;
}

/// Which rules to make.
struct rules_wanted {
  std::size_t count = 1'000;
  double fire = 0.01;                              ///< about this share of the hosts breaches each
  std::int64_t window_ticks = 0;                   ///< 0: mixed, 1 to 10 minutes of 10 s ticks
  std::int64_t interval_ms = standard_interval_ms; ///< of a tick: timeframes are multiples of it
  /// With this, `fire` holds however small it is. The standard thresholds take values for more
  /// even than they are: over 1 % of the hosts cross those of `last` at nearly each tick, so a
  /// million hosts and a thousand rules would make millions of events a tick.
  bool exact_fire = false;
};

/// "mixed" is 0; else a number of minutes such as "60m", as ticks of 10 s.
result<std::int64_t> read_window(std::string_view text);

/// The standard rules "r0", "r1", …: over all fields, aggregations, operands and, when mixed,
/// windows of 6, 12, 30 and 60 ticks, which share at most 240 columns. `count` rules are never met.
rule_set make_rules(const rules_wanted&);

/// The same where every rule has a column of its own: the (field, aggregation, timeframe) of no
/// two are equal. Windows from 6 up to 120 ticks, mixed well by the first 60 rules already; from
/// rule 6,900 on 115 ticks longer each time. `window_ticks` is not looked at. At most 200,000.
rule_set make_distinct_rules(const rules_wanted&);

/// Rules for `flip`: windows of one tick, no `count`. The thresholds of `equalOrMoreThan` lie at
/// 70 to 80, those of `equalOrLessThan` at 20 to 30, times the field's scale. Of `wanted`, only
/// `count` and `interval_ms` are looked at.
rule_set make_flip_rules(const rules_wanted&);

/// Of the hosts from 0 on, spread evenly, that share flips: floor(share × n) of the first n.
inline bool flips(std::uint64_t host, double share) {
  const auto h = static_cast<double>(host);
  return std::floor((h + 1) * share) != std::floor(h * share);
}

/// A host that flips reports 0 at even ticks and 100 × scale at odd ones, so each of its rules
/// changes its verdict at each tick: half open, half resolve. The others report 50 × scale always.
inline double flip_value(bool host_flips, std::size_t field, std::int64_t tick) {
  const double level = !host_flips ? 50.0 : tick % 2 == 0 ? 0.0 : 100.0;
  return level * field_scales[field];
}

} // namespace tocsin::workload
