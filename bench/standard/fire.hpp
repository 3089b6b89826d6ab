#pragma once

#include "config/rule.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace tocsin::workload {

/// Thresholds that a small share of all hosts breaches at a tick. The standard thresholds take the
/// values' spread from tick to tick (up to 10 above what is lasting about a host) for its mean, so
/// that even the smallest `fire` lets over 1 % of the hosts cross some of them. Here it counts.
///
/// 1. Where whole numbers are too far apart (`errors.count`), fewer hosts breach, never more.
/// 2. Remembers what it computed per aggregation and window: 8 KiB each.
class exact_fire {
public:
  /// `share` is above 0 and below 0.8; not for `count`.
  double threshold(std::size_t field, aggregation of, std::int64_t ticks, bool more, double share);

private:
  // What windows make of the spread, for starting points all around its cycle; rising.
  const std::vector<double>& windows(aggregation of, std::int64_t ticks);

  std::map<std::pair<aggregation, std::int64_t>, std::vector<double>> windows_;
};

} // namespace tocsin::workload
