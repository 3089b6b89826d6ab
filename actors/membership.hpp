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
  std::string said;               ///< why it does not come to evaluate, as it was said last
  std::int64_t last_lost_ms = 0;  ///< monotonic
  std::int64_t lost_pause_ms = 0; ///< before the next recovery
  std::string nonce;
  std::string owner;              ///< of the lease while it is held
  std::string last_owner;         ///< under which the partition was lost
  std::vector<caf::actor> actors; ///< of the partition while it is owned
  std::vector<caf::actor> first_to_stop;
  caf::actor committer;
  std::weak_ptr<const live_aggregator> core; ///< of the last partition, as long as it is in memory
  std::unique_ptr<dispatchers> sinks;        ///< of the partition while it is owned
  std::optional<std::vector<caf::actor>> listeners; ///< the sinks' actors, once they are started
  bool orphans_named = false; ///< groups of sinks that are not configured; said once
  bool stopping = false;

  rules_ptr next;              ///< rules that are being put in force
  std::string hash_to_restore; ///< of rules that are to be again
  struct {
    std::shared_ptr<const rule_set> of_file;
    std::string hash;
  } before;                  ///< in force until `next` came
  std::int64_t asked_ms = 0; ///< monotonic: when `next` came
  std::int64_t ended_ms = 0; ///< monotonic: when actors were told to end
};

/// Decides whether this worker evaluates the partition: joins the cluster, watches the lease,
/// takes it when it is free or its owner is silent, recovers, starts the partition's actors, and
/// ends them when the partition is lost or taken over. Detached: recovery blocks.
///
/// Rules are put in force while it runs by handing the partition over to itself: the actors commit
/// what is sealed and end, the lease stays, and the partition is read back under the new rules, as
/// after a start.
caf::behavior membership(caf::stateful_actor<membership_state>* self, engine_context* ctx,
                         std::string worker);

} // namespace tocsin
