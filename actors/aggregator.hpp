#pragma once

#include "actors/engine_context.hpp"
#include "actors/messages.hpp"
#include "config/complaint.hpp"
#include "streams/partition/cluster_tally.hpp"

#include <vector>

namespace tocsin {

struct aggregator_state {
  static inline const char* name = "aggregator";
  std::shared_ptr<live_aggregator> core;
  caf::actor reader;
  bool reading = false;
  tick beaten_for = tick_min;
  bool waiting_for_lease = false;
  intake_counts reported;
  applier_counts reported_applied;
  intake_counts sealed; ///< at the last seal
  complaint unreadable; ///< of what stands in the log
  std::uint64_t reported_steps = 0;
  tick standing_at = tick_min;  ///< the tick to be sealed next, when that was looked at last
  int uncommitted = 0;          ///< ticks that are sealed
  std::int64_t moved_ms = 0;    ///< monotonic: since when it is that one
  int live_ticks = 0;           ///< sealed since the log was read to its end
  cluster_tally tally;          ///< of the tick that was sealed last
  cluster_tally::places places; ///< where its fields go in the history
  std::uint64_t places_of = 0;  ///< the version of the fields that they are of
  std::uint64_t desk = 0;       ///< what questions are answered with
  bool asked = false;           ///< a question waits, or a step of one is on its way
};

/// Who the aggregator talks to.
struct aggregator_peers {
  std::vector<caf::actor> rules;
  caf::actor incident;
  caf::actor committer;
};

/// The shell around live_aggregator: asks for batches, passes sealed ticks on, keeps the lease
/// alive by being alive; answers questions, step by step, while no rule is checked; adds up what
/// all hosts reported, meanwhile. The reader introduces itself with its first message.
caf::behavior aggregator(caf::stateful_actor<aggregator_state>* self, engine_context* ctx,
                         std::shared_ptr<live_aggregator> core,
                         std::shared_ptr<const aggregator_peers> peers);

} // namespace tocsin
