#pragma once

#include "actors/collector.hpp"
#include "actors/redis_door.hpp"

namespace tocsin {

struct log_writer_state {
  static inline const char* name = "log_writer";
  std::optional<redis_door> door;
  std::int64_t wrote_at_ms = 0; ///< monotonic
  bool wrote_any = false;
  std::int64_t measure_at_ms = 0; ///< monotonic
  std::uint64_t checked = 0;      ///< of the connections that the door opened
  std::int64_t check_at_ms = 0;   ///< monotonic: again, where Redis was unfit
  complaint unfit;                ///< of what kind of Redis it is
};

/// Appends entries to the log, and heartbeats: one at the start, and one whenever nothing was
/// written for a quarter of max(interval, 1 s), as long as the intake answers requests. Entries
/// that could not be appended are answered so, not tried again: whoever sent them does. Looks every
/// second to five whether the log has outgrown its budget, which only entries that nobody has
/// evaluated can make it do: the janitor removes the others. Detached.
caf::behavior log_writer(caf::stateful_actor<log_writer_state>* self, engine_context* ctx);

} // namespace tocsin
