#pragma once

#include "streams/rule/check.hpp"
#include "streams/rule/life_cycle.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace tocsin {

/// How one rule stands with the hosts that have its field.
struct rule_tally {
  std::uint64_t hosts = 0; ///< that have started with the field
  std::uint64_t breach = 0, clear = 0;
  // Why the rest is unknown.
  std::uint64_t before_first = 0; ///< too young for the window
  std::uint64_t blind = 0;        ///< blind ticks could change the verdict
  std::uint64_t slipped = 0;      ///< … or the newest value, which may have slipped over the edge
  std::uint64_t no_value = 0;     ///< silent for the whole window
  std::uint64_t silent = 0;       ///< … in the ticks since the check before
  std::uint64_t open = 0, cooling = 0;
  std::int64_t cost_ns = 0; ///< what comparing and judging took, all blocks together

  std::uint64_t unknown() const { return hosts - breach - clear; }
};

/// Counts how every rule of a plan stands at the newest sealed tick, with the very code that checks
/// rules, piece by piece, from windows that are built again for it. The checks' own state is left
/// alone. One survey is good for one pass.
class rule_survey {
public:
  /// `now_ns`: a monotonic clock, to measure with.
  rule_survey(const rule_plan&, std::function<std::int64_t()> now_ns);

  /// Does the next piece: some windows on one field, for one block of hosts; of a single window of
  /// 4,096 ticks some milliseconds, else below one. To be called while no rule is checked; ticks
  /// may be sealed between two pieces. True: that was the last one.
  bool step(const rule_plan&, const tick_ring&, const tick_history&, const life_cycle&,
            std::size_t blocks);

  /// By rule. Whole after the last step.
  const std::vector<rule_tally>& tallies() const { return tallies_; }

private:
  void survey_part(const rule_plan::field& part, const rule_plan&, const tick_ring&,
                   const tick_history&, const life_cycle&);

  std::function<std::int64_t()> now_ns_;
  std::vector<rule_tally> tallies_;
  std::size_t block_ = 0;
  field_index field_ = 0;
  std::size_t window_ = 0; // of the field
  check_scratch scratch_;
};

} // namespace tocsin
