#pragma once

#include "bench/pipeline/options.hpp"
#include "bench/pipeline/report.hpp"
#include "config/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace tocsin::bench {

/// How a run is watched and ended from outside.
struct run_control {
  /// Waits that long, in ms; true, once, when the run is to be given up.
  std::function<bool(std::int64_t ms)> wait;
  /// Takes one line that says how far it is; the next replaces it.
  std::function<void(const std::string&)> say;
};

/// What is wrong with the options, if anything.
status check_options(const pipeline_options&);

/// Measures the whole way from a host's report to a consumer's read: starts an engine with a Redis
/// of its own and a process that plays the hosts, reads the events here, and ends everything.
/// Memory: the reads of each tick; bounded by the ticks asked for.
result<pipeline_report> run_pipeline(const pipeline_options&, const run_control&);

} // namespace tocsin::bench
