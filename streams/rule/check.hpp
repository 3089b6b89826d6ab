#pragma once

#include "streams/rule/pair_bits.hpp"
#include "streams/rule/plan.hpp"
#include "streams/window/block_scan.hpp"
#include "streams/window/intake.hpp"

#include <vector>

namespace tocsin {

/// A verdict that may change something: true without an open incident, or false with one.
struct verdict_change {
  double value; ///< the aggregated value; 0 without any
  rule_index rule;
  std::uint32_t host : 30;     ///< host_index
  std::uint32_t breach : 1;    ///< true or false
  std::uint32_t any_value : 1; ///< the window had a value
};
// A tick may hold one for each pair of rule and host.
static_assert(sizeof(verdict_change) == 16);

/// Checks rules for blocks of hosts. Each rule actor owns one (it holds the scratch memory);
/// several may run at once over one intake, between two seals.
class block_checker {
public:
  block_checker(const rule_plan& plan, const intake& in, const pair_bits& open)
      : plan_(plan), intake_(in), open_(open) {}

  /// Checks every rule for the hosts of a block at the newest sealed tick, and appends what may
  /// change: those of one rule stand together, by rising host. O(hosts × fields × longest window +
  /// rules × hosts / 64).
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
