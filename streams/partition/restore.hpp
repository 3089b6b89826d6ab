#pragma once

#include "streams/partition/recovery.hpp"

#include <span>

namespace tocsin {

/// Where in the record a restore ends and what it may rely on.
struct restore_plan {
  std::vector<recorded_tick> rows; ///< in one grid, without a hole; up to the last complete tick
  log_position start;              ///< entries behind it are read
  bool heartbeat_seen = false;     ///< a heartbeat was seen up to `start`
  tick next = 0;                   ///< the first tick that is sealed along the rows while reading
  tick values_from = 0;            ///< values of earlier ticks are not all in the log
};

/// Decides from where the log must be read so that every window, and everything that may still
/// arrive, is as it was at the end of `all_rows`. `first_entry`: the oldest entry the log holds.
restore_plan plan_restore(std::span<const recorded_tick> all_rows, const tick_grid& grid,
                          std::int64_t longest_window, log_position first_entry);

/// Puts registry, windows and clock back along the plan. Incidents are not touched.
status restore_windows(const recovery_task&, const restore_plan&, partition_engine&);

/// Puts the hosts of the registry back.
status restore_hosts(const recovery_task&, intake&);

/// Puts open incidents and cooldowns back; `old_rules` gives the order of rules that are gone.
status restore_incidents(const recovery_task&, const rule_set& old_rules, partition_engine&);

} // namespace tocsin
