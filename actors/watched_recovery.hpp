#pragma once

#include "actors/redis_door.hpp"
#include "streams/partition/recovery.hpp"

#include <string>

namespace tocsin {

/// A recovery that keeps its lease alive while it reads, over a door of its own, gives itself up
/// when the engine is to stop, and says in the metrics how long its parts take. What it is given
/// must outlive it.
recovery_task watched_recovery(redis::connection&, engine_context&, const settings&,
                               const std::string& owner, redis_door& beat_door);

/// Counts it and says in the log what was read back.
void tell_of_recovery(engine_context&, const settings&, const recovered_partition&,
                      std::int64_t took_ms);

} // namespace tocsin
