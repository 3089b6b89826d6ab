#pragma once

#include "bench/pipeline/options.hpp"

#include <cstdint>
#include <string>

namespace tocsin::bench {

/// How the engine is ended before it starts again.
enum class ending : std::uint8_t {
  stop,       ///< SIGTERM; its Redis stops with it
  kill,       ///< SIGKILL; its Redis lives on
  kill_redis, ///< SIGKILL, and its Redis too
};

/// What `tocsin bench restart` is asked to measure.
struct restart_options {
  pipeline_options scene; ///< hosts, rules, interval, history, batch
  ending how = ending::stop;
};

/// What it found. Moments are in s from the start of the engine's process.
struct restart_report {
  restart_options options;
  double redis_s = 0;     ///< Redis has read its data
  double listening_s = 0; ///< the engine is in touch with it
  double ready_s = 0;     ///< /readyz answers 200: owner, and the log read to its end
  double serving_s = 0;   ///< the tick that was due is checked and committed
  double state_s = 0;     ///< how long it took to read registry and incidents back
  double log_s = 0;       ///< and then the log
  double entries = 0;     ///< of the log that were read again
  double bytes = 0;       ///< theirs
  double hosts = 0;       ///< known afterwards
  double engine_cpu_s = 0;
  double redis_cpu_s = 0;
  std::uint64_t engine_peak_rss = 0;
  std::uint64_t redis_file_bytes = 0; ///< that Redis read, or would have read

  /// One JSON object.
  std::string json() const;
  /// For people.
  std::string text() const;
};

} // namespace tocsin::bench
