#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::bench {

/// What `tocsin bench pipeline` is asked to measure.
struct pipeline_options {
  std::uint64_t hosts = 1'000;
  std::size_t rules = 1'000;
  std::int64_t interval_ms = 10'000;
  std::int64_t ticks = 6;        ///< measured
  std::int64_t warm = 2;         ///< live ticks before these
  std::int64_t history = -1;     ///< ticks in the log before the engine starts; -1: full windows
  double fire = 0.00001;         ///< the share of hosts that breaches each rule
  bool noisy = false;            ///< thresholds as other programs get them (see rules_wanted)
  std::int64_t window_ticks = 0; ///< of each rule; 0: mixed
  bool direct = false;           ///< samples go straight into the log in Redis
  std::uint64_t batch = 1'000;   ///< samples in a request or an entry
  unsigned senders = 16;         ///< connections at most
  bool storm = false;            ///< every host breaches one more rule at one tick
  double events_per_s = 0;       ///< above 0: the `flip` workload that makes so many

  /// tocsin.grace: a tenth of the interval, at most a second.
  std::int64_t grace_ms() const {
    const auto tenth = interval_ms / 10;
    return tenth < 1'000 ? tenth : 1'000;
  }
  std::int64_t history_ticks() const {
    const std::int64_t window = window_ticks == 0 ? 60 : window_ticks;
    return history >= 0 ? history : events_per_s > 0 ? 1 : window;
  }
  /// The share of hosts that flips, so that share × hosts × rules events come per tick.
  double flip_share() const {
    return events_per_s * static_cast<double>(interval_ms) / 1'000.0 /
           (static_cast<double>(hosts) * static_cast<double>(rules));
  }
};

} // namespace tocsin::bench
