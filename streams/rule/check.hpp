#pragma once

#include "streams/rule/pair_bits.hpp"
#include "streams/rule/plan.hpp"
#include "streams/window/block_scan.hpp"
#include "streams/window/intake.hpp"

#include <vector>

namespace tocsin {

/// A verdict that may change something: true without an open incident, or false with one.
struct verdict_change {
  rule_index rule;
  host_index host;
  bool breach;
  bool any_value; ///< the window had a value
  double value;   ///< the aggregated value; 0 without any
};

/// Checks rules for blocks of hosts. Each rule actor owns one (it holds the scratch memory);
/// several may run at once over one intake, between two seals.
class block_checker {
public:
  block_checker(const rule_plan& plan, const intake& in, const pair_bits& open)
      : plan_(plan), intake_(in), open_(open) {}

  /// Checks every rule for the hosts of a block at the newest sealed tick, and appends what may
  /// change. O(hosts × fields × longest window + rules × hosts / 64).
  void check(std::size_t block, std::vector<verdict_change>& out);

private:
  void check_window(const rule_plan::window&, std::size_t block, std::vector<verdict_change>& out);
  const host_column& column_of(aggregation);
  void note_changes(rule_index, std::size_t block, const host_column&,
                    std::vector<verdict_change>& out);

  const rule_plan& plan_;
  const intake& intake_;
  const pair_bits& open_;
  block_scan scan_;
  host_column computed_;
};

} // namespace tocsin
