#pragma once

#include "actors/engine_context.hpp"
#include "actors/messages.hpp"

namespace tocsin {

struct incident_state {
  static inline const char* name = "incident";
  std::shared_ptr<live_aggregator> core; // keeps the incidents alive
  caf::actor aggregator;
  seal_ptr seal; ///< under way; null: none
  tick_report report;
  double sealed_at_s = 0; ///< monotonic
  std::vector<findings_ptr> found;
  std::size_t outstanding = 0; ///< findings that are still to come
  bool stopping = false;
};

/// Joins what the rule actors found at a tick, applies the incident life cycle, and sends the tick
/// to be committed. The aggregator may go on as soon as that is done.
caf::behavior incident_actor(caf::stateful_actor<incident_state>* self, engine_context* ctx,
                             std::shared_ptr<live_aggregator> core, std::size_t rule_actors,
                             caf::actor committer);

} // namespace tocsin
