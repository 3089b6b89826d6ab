#pragma once

#include "bench/pipeline/report.hpp"

#include <string>

namespace tocsin::bench {

/// An SVG picture of a report: above, by tick, how long after it was due its events were read
/// (median, 99th percentile, last); below the CPU time of engine, Redis and load.
std::string draw(const pipeline_report&);

} // namespace tocsin::bench
