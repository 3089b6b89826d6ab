#pragma once

#include "streams/rule/field_check.hpp"
#include "streams/window/tick_history.hpp"

#include <memory>
#include <vector>

namespace tocsin {

/// Checks rules for blocks of hosts. Each rule actor owns one, with the sliding state of its
/// blocks; several may run at once over one ring, between two seals, each on blocks of its own.
class block_checker {
public:
  block_checker(const rule_plan& plan, const tick_ring& ring, const tick_history& history,
                const pair_bits& open)
      : plan_(plan), ring_(ring), history_(history), open_(open) {}

  /// Checks every rule for the hosts of a block at the newest sealed tick, and appends what may
  /// change: by rule together, by host ascending. O(hosts × (windows + rules / 64)); where the
  /// block was not checked at the tick before, its state is built again, in O(hosts × ticks).
  void check(std::size_t block, std::vector<verdict_change>& out);

private:
  void find_blind();

  const rule_plan& plan_;
  const tick_ring& ring_;
  const tick_history& history_;
  const pair_bits& open_;
  column_memory memory_;
  std::vector<std::vector<std::unique_ptr<field_check>>> blocks_; // [block][field]
  tick blind_at_ = tick_min - 1;
  std::vector<tick> blind_; // blind ticks of the longest window, newest first
  check_scratch scratch_;
};

} // namespace tocsin
