#pragma once

#include "bench/standard/workload.hpp"

#include <cstdint>
#include <string>

namespace tocsin::bench {

/// What the hosts of a measurement report: the ten fields of the standard workload as JSON, nested
/// as Botpress nodes send them, with `ts`. Numbers are written from integers: a sample takes about
/// 150 ns.
struct sample_shape {
  double flip_share = 0; ///< above 0: values of the `flip` workload, which so many follow
  bool storm = false;    ///< samples have a field "storm", 0 or 1
  std::int64_t storm_tick = INT64_MAX; ///< from this tick on it is 1
};

/// Appends one line per host from `first` up to, not with, `last`. Pure.
void append_samples(const sample_shape& shape, std::uint64_t first, std::uint64_t last,
                    std::int64_t tick, std::int64_t ts_ms, std::string& out);

} // namespace tocsin::bench
