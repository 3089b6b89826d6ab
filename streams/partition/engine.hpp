#pragma once

#include "config/settings.hpp"
#include "streams/rule/life_cycle.hpp"
#include "streams/window/seal_clock.hpp"

#include <functional>
#include <memory>

namespace tocsin {

/// What follows from the settings for one partition: the grid of ticks, the plan, the bounds.
struct partition_plan {
  explicit partition_plan(const settings&);

  tick_grid grid;
  rule_plan rules;
  intake::bounds bounds;
  std::string cluster;
  std::int64_t watch_ticks; ///< rules are checked at every so many ticks

  bool checks_at(tick n) const { return (n + 1) % watch_ticks == 0; }
};

/// The state of a partition between two seals: windows, hosts, incidents, clock. The live engine
/// spreads it over actors, which share it by the rules of its members; a replay and a recovery
/// drive it in one thread.
struct partition_engine {
  explicit partition_engine(std::shared_ptr<const partition_plan>);
  partition_engine(const partition_engine&) = delete;
  partition_engine& operator=(const partition_engine&) = delete;

  std::shared_ptr<const partition_plan> plan;
  intake in;
  life_cycle incidents;
  seal_clock clock;

  /// What a tick that was just sealed does to incidents: checks rules if it is their tick and
  /// `check` is set, and applies the life cycle.
  tick_outcome judge(tick sealed, std::span<const forgotten_host> forgotten, bool check = true);

  /// Seals ticks that are due at this log time without looking at each, while nothing can happen in
  /// them: so a file whose time jumps by years is read in no time. Changes no event.
  void skip_idle_ticks(std::int64_t log_ms);

private:
  block_checker checker_;
};

} // namespace tocsin
