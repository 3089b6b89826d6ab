#pragma once

#include "config/rule.hpp"
#include "streams/window/intake.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// Position of a rule in the configuration.
using rule_index = std::uint32_t;

/// What a rule set has to compute, shared: rules on one (field, aggregation, timeframe) read one
/// window column, windows of one field are read off one pass. Immutable.
class rule_plan {
public:
  /// One window column and the rules that compare it.
  struct column {
    aggregation aggregate;
    std::vector<rule_index> rules;
  };
  /// The columns over one window length.
  struct window {
    std::int64_t ticks;
    std::vector<column> columns;
  };
  struct field {
    std::string name;
    bool sums = false;           ///< some rule needs sums (sum, avg)
    bool extrema = false;        ///< some rule needs extrema (min, max)
    std::vector<window> windows; ///< by length, ascending
  };

  rule_plan(const rule_set&, const tick_grid&);

  const rule_set& rules() const { return rules_; }
  /// By name.
  const std::vector<field>& fields() const { return fields_; }
  std::size_t columns() const { return columns_; }
  /// The fields and their longest windows; a field's place here is its field_index.
  std::vector<watched_field> watched() const;
  /// The longest window of all, in ticks; 1 without rules.
  std::int64_t longest_window() const { return longest_of_all_; }

private:
  rule_set rules_;
  std::vector<field> fields_;
  std::int64_t longest_of_all_ = 1;
  std::size_t columns_ = 0;
};

} // namespace tocsin
