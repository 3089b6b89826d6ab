#pragma once

#include "streams/partition/cluster_tally.hpp"
#include "streams/partition/log_scan.hpp"

#include <functional>
#include <vector>

namespace tocsin {

/// Reads the totals of the ticks from `from` to `to` from the log, with the late values that came
/// as long after as the scan's windows take them. `places_of` gives the places of a field table
/// that grew.
result<scan_end>
read_totals(redis::connection& c, log_scan& scan, tick from, tick to,
            const std::function<cluster_tally::places(const field_table&)>& places_of,
            const std::function<bool()>& go_on, std::vector<cluster_history::row>& into);

} // namespace tocsin
