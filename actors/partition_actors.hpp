#pragma once

#include "actors/engine_context.hpp"
#include "actors/messages.hpp"

#include <string>
#include <vector>

namespace tocsin {

/// The actors that evaluate one partition.
struct partition_actors {
  caf::actor committer;
  std::vector<caf::actor> all;               ///< but the committer
  std::vector<caf::actor> first_to_stop;     ///< these pass `stop` on, up to the committer
  std::weak_ptr<const live_aggregator> core; ///< windows and incidents, as long as any actor lives
};

/// Starts them: log reader → aggregator → rule ×N → incident → committer. Events leave through the
/// committer only. `owner`, `acquired_ms`: the lease, and when its last beat was sent; `listeners`
/// are told of events.
partition_actors start_partition(caf::actor_system&, engine_context&, recovered_partition&&,
                                 const std::string& owner, std::int64_t acquired_ms,
                                 const caf::actor& membership, std::vector<caf::actor> listeners);

} // namespace tocsin
