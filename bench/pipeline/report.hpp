#pragma once

#include "bench/pipeline/options.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::bench {

/// Some events that were read `ms` after their tick was due.
using latency_run = std::pair<double, std::uint64_t>;

/// The latency below which that share (0 to 1) of the events lies; 0 without any.
double quantile(std::vector<latency_run> runs, double share);

/// One measured tick. It is due at its end + grace; CPU is that from then until the next tick is
/// due: its check, its commit and the reading of its events, with the intake of the next beside.
struct tick_report {
  std::int64_t end_ms = 0;
  std::uint64_t samples = 0; ///< acknowledged
  std::uint64_t lost = 0;    ///< sent, not acknowledged
  double behind_ms = 0;      ///< how late the latest batch was sent
  double sealed_ms = -1;     ///< when its row was seen in `ticks`, after it was due; -1: never
  bool blind = false;
  std::uint64_t events = 0;
  std::vector<latency_run> reads;
  double engine_cpu_s = 0;
  double redis_cpu_s = 0;
  double load_cpu_s = 0;

  double read_max_ms() const { return quantile(reads, 1); }
};

struct pipeline_report {
  pipeline_options options;
  std::vector<tick_report> ticks;
  bool caught_up = true; ///< the engine had read the log to its end before it was measured
  std::uint64_t engine_peak_rss = 0;
  std::uint64_t redis_peak_rss = 0;
  std::uint64_t load_peak_rss = 0;
  std::uint64_t events_read = 0;      ///< in the whole run
  std::uint64_t events_in_stream = 0; ///< the same, as the engine counts them
  std::uint64_t holes = 0;            ///< in the sequence of what was read
  double late_samples = 0;            ///< by the engine's metrics, in the measured time
  double early_samples = 0;
  double evaluation_ms = 0;     ///< mean of tocsin_evaluation_seconds
  double seal_to_commit_ms = 0; ///< mean of tocsin_seal_to_commit_seconds
  std::uint64_t storm_events = 0;
  double storm_ms = -1; ///< from when the storm's tick was due until its last `opened` was read

  std::vector<latency_run> reads() const;
  /// Not sealed within an interval of being due.
  bool missed(const tick_report&) const;
  /// By how much the last event of a tick comes later from tick to tick (least squares).
  double lag_growth_ms() const;
  /// One JSON object.
  std::string json() const;
  /// For people.
  std::string text() const;
};

} // namespace tocsin::bench
