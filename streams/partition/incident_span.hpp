#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tocsin {

/// Incident objects as their consumers know them, as JSON.
struct incident_span {
  std::vector<std::string> active;   ///< all that are open, by start, rule and host
  std::vector<std::string> resolved; ///< whose end lies in the span, by end
  bool too_many = false;             ///< more than asked for: the rest is missing
};

/// Reads them from `open` and the incident stream. Both ends are in the span. `go_on` is asked
/// between reads; where it says no, what was read so far is returned with `too_many`.
result<incident_span> read_incident_span(redis::connection& c, const redis::partition_keys& keys,
                                         std::int64_t from_ms, std::int64_t to_ms,
                                         std::size_t count_max, const std::function<bool()>& go_on);

} // namespace tocsin
