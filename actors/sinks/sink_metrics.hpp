#pragma once

#include "actors/metrics/registry.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace tocsin {

/// What can be seen of one sink from outside, by its name.
struct sink_metrics {
  sink_metrics(metric_registry&, const std::string& sink);

  counter &delivered, &unmatched, &given_up, &lost, &retries;
  gauge &undelivered, &endangered;
  /// When the oldest event not taken yet was made (monotonic); INT64_MAX: there is none. Its age is
  /// exposed as it is when asked for.
  std::shared_ptr<std::atomic<std::int64_t>> oldest_ms;
};

} // namespace tocsin
