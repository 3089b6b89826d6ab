#pragma once

#include "actors/messages.hpp"
#include "actors/redis_door.hpp"

namespace tocsin {

struct janitor_state {
  static inline const char* name = "janitor";
  std::optional<redis_door> door;
  std::int64_t log_trimmed_at_ms = 0;
  std::int64_t incidents_trimmed_at_ms = 0;
  std::int64_t look_again_ms = 0; ///< from the last look
  bool over_budget = false;
};

/// Keeps the streams within what the configuration allows: the log and its record of seals within
/// retentionPeriod and tocsin.logBytes, the incident stream within its own. The budget wins over
/// the retention, and says so. Works while this worker owns the partition. Detached.
caf::behavior janitor(caf::stateful_actor<janitor_state>* self, engine_context* ctx);

} // namespace tocsin
