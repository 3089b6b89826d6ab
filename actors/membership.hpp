#pragma once

#include "actors/dispatcher.hpp"
#include "actors/messages.hpp"
#include "actors/redis_door.hpp"
#include "streams/redis/lease.hpp"

#include <vector>

namespace tocsin {

struct membership_state {
  static inline const char* name = "membership";
  std::optional<redis_door> door;
  std::optional<redis_door> beat_door; ///< keeps the lease while a recovery reads
  std::optional<redis::lease_watch> watch;
  std::string first_beat;   ///< of another's lease when it was first seen
  bool others_seen = false; ///< another worker's beat moved since the start
  bool joined = false;
  std::int64_t last_lost_ms = 0;  ///< monotonic
  std::int64_t lost_pause_ms = 0; ///< before the next recovery
  std::string nonce;
  std::string owner;              ///< of the lease while it is held
  std::string last_owner;         ///< under which the partition was lost
  std::vector<caf::actor> actors; ///< of the partition while it is owned
  std::vector<caf::actor> first_to_stop;
  caf::actor committer;
  std::unique_ptr<dispatchers> sinks; ///< of the partition while it is owned
  bool orphans_named = false;         ///< groups of sinks that are not configured; said once
  bool stopping = false;
};

/// Decides whether this worker evaluates the partition: joins the cluster, watches the lease,
/// takes it when it is free or its owner is silent, recovers, starts the partition's actors, and
/// ends them when the partition is lost or taken over. Detached: recovery blocks.
caf::behavior membership(caf::stateful_actor<membership_state>* self, engine_context* ctx,
                         std::string worker);

} // namespace tocsin
