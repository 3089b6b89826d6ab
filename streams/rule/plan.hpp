#pragma once

#include "config/rule.hpp"
#include "streams/rule/average_bound.hpp"
#include "streams/window/column_ops.hpp"
#include "streams/window/intake.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// Position of a rule in the configuration.
using rule_index = std::uint32_t;

/// Whether the aggregation is min or max.
constexpr bool is_extremum(aggregation a) {
  return a == aggregation::min || a == aggregation::max;
}

/// One rule, reduced to one comparison per host.
struct rule_check {
  rule_index rule = 0;
  comparison compare = comparison::ge; ///< of the column with the threshold
  double threshold = 0;

  /// min, max: the newest values are compared, for a hit; the rule is breached where a hit stands
  /// in the window, or, `inverted`, where none does.
  bool inverted = false;
  std::uint32_t countdown = 0; ///< which of the field's countdowns counts its hits

  /// avg of a window whose every tick has a value; none: the quotients must be compared.
  std::optional<average_bound> bound;
};

/// What a rule set has to compute, shared: rules on one (field, aggregation, timeframe) compare one
/// window column, and sums and averages over one timeframe share theirs. Immutable.
class rule_plan {
public:
  /// One window column and the rules that compare it.
  struct column {
    aggregation aggregate;
    std::vector<rule_check> checks;
  };
  /// The columns over one window length.
  struct window {
    std::int64_t ticks;
    bool summed = false; ///< some column needs sums (sum, avg)
    std::vector<column> columns;
  };
  struct field {
    std::string name;
    std::vector<window> windows; ///< by length, ascending
    /// The windows of the field's countdowns, in ticks: one for every rule on an extremum.
    std::vector<std::int64_t> countdowns;
    std::int64_t check_ticks = 1; ///< as the plan's
  };

  /// Rules are checked at every `check_ticks` ticks.
  rule_plan(const rule_set&, const tick_grid&, std::int64_t check_ticks = 1);

  const rule_set& rules() const { return rules_; }
  /// By name.
  const std::vector<field>& fields() const { return fields_; }
  std::size_t columns() const { return columns_; }
  /// The fields, and how many ticks checks look at; a field's place here is its field_index.
  std::vector<watched_field> watched() const;
  std::int64_t check_ticks() const { return check_ticks_; }
  /// The longest window of all, in ticks; 1 without rules. Where checks leave out ticks, at least
  /// the three that a check looks at.
  std::int64_t longest_window() const { return longest_of_all_; }

private:
  rule_set rules_;
  std::vector<field> fields_;
  std::int64_t check_ticks_;
  std::int64_t longest_of_all_ = 1;
  std::size_t columns_ = 0;
};

} // namespace tocsin
