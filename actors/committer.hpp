#pragma once

#include "actors/messages.hpp"
#include "actors/redis_door.hpp"
#include "streams/redis/commit_sender.hpp"
#include "streams/redis/lease.hpp"

#include <deque>

namespace tocsin {

struct committer_state {
  static inline const char* name = "committer";
  std::optional<redis_door> door;
  std::optional<redis::lease_hold> hold;
  std::unique_ptr<commit_builder> builder;
  std::optional<redis::commit_sender> sender;
  std::uint64_t connection = 0; ///< that the sender knows, of those the door has opened
  struct tick_under_way {
    double sealed_at_s; ///< monotonic
    tick_report report;
    std::size_t parts; ///< that are not committed
  };
  std::deque<commit_ptr> waiting;   ///< not begun
  std::deque<tick_under_way> ticks; ///< begun; the last one is in the builder
  caf::actor aggregator;
  bool retrying = false;
  bool ended = false; ///< lost or fenced: nothing is written any more
  bool stopping = false;
  bool keeps_lease = false; ///< at the end, for the committer that comes after it
};

/// Commits ticks in order, part by part, a few parts ahead of the answers, and keeps the lease:
/// with each commit, and while there is none, when the aggregator says that it lives. A part whose
/// answer was lost is sent again, which is safe. Told to stop, it commits what it has, gives the
/// lease back (unless it was told to keep it), and says so. `listeners` are told when events stand
/// in the stream. Detached: it blocks in Redis. Its queue is bounded by live_aggregator's
/// `uncommitted_max`.
caf::behavior committer(caf::stateful_actor<committer_state>* self, engine_context* ctx,
                        std::string owner, std::int64_t acquired_ms, commit_builder builder,
                        caf::actor membership, std::vector<caf::actor> listeners);

} // namespace tocsin
