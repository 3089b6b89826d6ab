#pragma once

#include "streams/partition/recovery.hpp"

namespace tocsin {

/// Puts back into the hash of open incidents what the events up to `last` say is open and the hash
/// does not hold; gives how many. Reads the whole incident stream: only for a hash that somebody
/// damaged. Memory: the open incidents.
result<std::uint64_t> fill_open(const recovery_task&, redis::stream_id last);

} // namespace tocsin
