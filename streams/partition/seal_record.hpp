#pragma once

#include "streams/partition/engine.hpp"
#include "streams/redis/commit.hpp"
#include "streams/sample/host_record.hpp"

#include <vector>

namespace tocsin {

/// Everything that a seal decided and changed, apart from what the rules say: goes from the
/// aggregator to the rule actors, and with their findings into the commit.
struct seal_record {
  tick sealed = 0;
  bool blind = false;
  bool check = false;    ///< rules are checked at this tick
  log_position position; ///< the last entry that was applied before the seal
  log_position begin;    ///< the first entry that this partition ever read
  std::int64_t non_blind = 0;
  bool heartbeat_seen = false;
  std::size_t blocks = 0; ///< of hosts that there are to check
  std::vector<forgotten_host> forgotten;
  redis::hash_changes hosts; ///< of the registry
};

/// Seals the next tick of `in` as decided and records it. `at`: the last entry applied.
seal_record seal_tick(intake& in, const seal_clock& clock, seal_clock::decision decision,
                      bool check, log_position at, log_position begin);

/// The registry's record of a host as it is now.
host_record record_host(const intake& in, host_index host);

inline redis::stream_id to_id(log_position p) {
  return {p.ms, p.seq};
}
inline log_position to_position(redis::stream_id id) {
  return {id.ms, id.seq};
}

} // namespace tocsin
