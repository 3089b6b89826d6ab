#pragma once

#include "actors/messages.hpp"
#include "actors/redis_door.hpp"

namespace tocsin {

struct log_reader_state {
  static inline const char* name = "log_reader";
  std::optional<redis_door> door;
  std::optional<redis_door> beat_door; ///< writes the heartbeat that ends a wait of the other
  redis::read_pace pace;
  log_position position; ///< of the last entry handed on
  bool silent = false;   ///< nothing came when it was waited for last
  std::uint64_t verified = 0;
  std::string owner; ///< of the lease, for what it tells the membership
};

/// Reads the log on request (one request is one batch: that is the credit), and sends what it read
/// to the aggregator. Waits for entries so that the aggregator need not; when the next tick is due
/// and nothing came, it writes the owner's heartbeat, so that the seal need not wait for somebody's
/// sample. Detached: it blocks in Redis.
caf::behavior log_reader(caf::stateful_actor<log_reader_state>* self, engine_context* ctx,
                         log_position from, std::string owner, caf::actor aggregator,
                         caf::actor membership);

} // namespace tocsin
