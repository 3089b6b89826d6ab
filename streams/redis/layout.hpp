#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

namespace tocsin::redis {

/// Whether each key that evaluating needs has, where it exists, the type that it should have. The
/// error names the first that has not, and says how to get out; nothing is written.
status check_layout(connection& c, const partition_keys& keys, const cluster_keys& cluster);

/// The same of the streams of dead letters, without which only sinks stand still.
status check_dead_letters(connection& c, const partition_keys& keys);

} // namespace tocsin::redis
