#pragma once

#include "bench/reference/block_scan.hpp"
#include "streams/rule/check.hpp"

namespace tocsin {

/// What block_checker does, computed anew at every tick: each window is scanned, each rule compared
/// host by host. Slow and simple; the two must agree to the bit.
class scan_checker {
public:
  scan_checker(const rule_plan& plan, const tick_ring& ring, const tick_history& history,
               const pair_bits& open)
      : plan_(plan), ring_(ring), history_(history), open_(open) {}

  /// As block_checker::check(). O(hosts × fields × longest window + rules × hosts).
  void check(std::size_t block, std::vector<verdict_change>& out);

private:
  void check_window(const rule_plan::window&, std::size_t block, std::vector<verdict_change>& out);
  const host_column& column_of(aggregation);
  void note_changes(rule_index, std::size_t block, const host_column&,
                    std::vector<verdict_change>& out);

  const rule_plan& plan_;
  const tick_ring& ring_;
  const tick_history& history_;
  const pair_bits& open_;
  block_scan scan_;
  host_column computed_;
};

/// The hosts whose value meets the rule's threshold.
host_mask compare_hosts(const rule&, const host_column& values);

} // namespace tocsin
