#pragma once

#include "actors/messages.hpp"

namespace tocsin {

struct rule_state {
  static inline const char* name = "rule";
  std::shared_ptr<live_aggregator> core; // keeps the windows alive
  std::unique_ptr<block_checker> checker;
  /// What was found last. Its memory is used again once the incident actor is done with it.
  std::shared_ptr<std::vector<verdict_change>> found;
};

/// Checks every rule for its share of the host blocks (every `of`-th, from `first`) when a tick
/// was sealed, and tells the incident actor what may change.
caf::behavior rule_actor(caf::stateful_actor<rule_state>* self,
                         std::shared_ptr<live_aggregator> core, std::size_t first, std::size_t of,
                         caf::actor incident);

} // namespace tocsin
