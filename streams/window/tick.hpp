#pragma once

#include <algorithm>
#include <cstdint>

namespace tocsin {

/// Number of a tick: the half-open span [n·interval, (n+1)·interval) of Unix time in ms.
using tick = std::int64_t;

/// Times are 0 to this many milliseconds since 1970, as in JavaScript's Date.
inline constexpr std::int64_t time_max_ms = 8'640'000'000'000'000;

/// Earlier and later than every tick that a valid time can have.
inline constexpr tick tick_min = -1;
inline constexpr tick tick_max = INT64_MAX / 4;

/// How many ticks back, the newest included, a check over a window looks at least: whether the
/// newest tick is missing depends on the one before it, and where checks leave out ticks on two.
constexpr std::int64_t ticks_looked_at(std::int64_t window_ticks, std::int64_t check_ticks) {
  return std::max(window_ticks, std::int64_t{check_ticks > 1 ? 3 : 2});
}

/// The division of time into ticks, and everything that follows from interval and grace alone.
struct tick_grid {
  std::int64_t interval_ms = 10'000; ///< >= 100
  std::int64_t grace_ms = 1'000;     ///< >= 0

  constexpr tick of(std::int64_t time_ms) const { return time_ms / interval_ms; }
  constexpr std::int64_t start_ms(tick n) const { return n * interval_ms; }
  constexpr std::int64_t end_ms(tick n) const { return (n + 1) * interval_ms; }

  /// The log time from which tick n is to be sealed.
  constexpr std::int64_t seal_ms(tick n) const { return end_ms(n) + grace_ms; }

  /// How many ticks after the next one to seal still take samples; later ones are early.
  constexpr std::int64_t ticks_ahead() const { return 1 + ceil_ticks(grace_ms); }

  /// Two neighbouring entries further apart than this have a gap between them.
  constexpr std::int64_t gap_ms() const {
    return std::max({interval_ms / 2, grace_ms, std::int64_t{500}});
  }

  /// Window length of a timeframe, at least one tick.
  constexpr std::int64_t window_ticks(std::int64_t timeframe_ms) const {
    return std::max(std::int64_t{1}, ceil_ticks(timeframe_ms));
  }

  constexpr std::int64_t ceil_ticks(std::int64_t ms) const {
    return (ms + interval_ms - 1) / interval_ms;
  }

  friend bool operator==(const tick_grid&, const tick_grid&) = default;
};

} // namespace tocsin
