#pragma once

#include "actors/metrics/registry.hpp"

#include <string>

namespace tocsin {

/// What can be seen of one sink from outside, by its name.
struct sink_metrics {
  sink_metrics(metric_registry&, const std::string& sink);

  counter &delivered, &given_up, &lost, &retries;
  gauge &undelivered, &lag, &endangered;
};

} // namespace tocsin
