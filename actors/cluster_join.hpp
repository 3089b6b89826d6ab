#pragma once

#include "actors/engine_context.hpp"
#include "streams/redis/connection.hpp"

namespace tocsin {

/// Creates the cluster in Redis if there is none, else makes sure that it is this worker's: its
/// name and partitions may never differ from those it was created with.
status join_cluster(redis::connection&, const engine_context&);

} // namespace tocsin
