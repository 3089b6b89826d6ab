#pragma once

#include "streams/partition/recovery.hpp"

#include <functional>
#include <memory>

namespace tocsin {

/// What a replay of the log did.
struct log_replay_report {
  std::uint64_t entries = 0;
  std::uint64_t ticks = 0; ///< along the record of seals
  std::uint64_t events = 0;
  bool whole = false;               ///< from the first entry that the log ever held
  std::int64_t checked_from_ms = 0; ///< end of the first tick whose rules were checked
};

/// Runs the rules over the log in Redis along its record of seals, and calls on_event for each
/// event: under one rule set the ones that the live engine committed, but for incidents open and
/// cooldowns running before the first tick whose windows the log still holds. Changes nothing.
result<log_replay_report> replay_log(redis::connection&, const redis::partition_keys&,
                                     std::shared_ptr<const partition_plan>,
                                     const std::function<void(const incident_event&)>& on_event);

} // namespace tocsin
