#include "streams/rule/check.hpp"

#include "streams/rule/verdict.hpp"

#include <bit>

namespace tocsin {

void block_checker::check(std::size_t block, std::vector<verdict_change>& out) {
  for (field_index f = 0; f < plan_.fields().size(); ++f) {
    const auto& field = plan_.fields()[f];
    const auto* values = intake_.ring().find(f, block);
    if (!values)
      continue;
    scan_.begin(*values, intake_.history(), intake_.ring().sealed(), {field.sums, field.extrema});
    for (const auto& window : field.windows) {
      scan_.extend(window.ticks);
      check_window(window, block, out);
    }
  }
}

void block_checker::check_window(const rule_plan::window& window, std::size_t block,
                                 std::vector<verdict_change>& out) {
  for (const auto& column : window.columns) {
    const auto& values = column_of(column.aggregate);
    for (const auto r : column.rules)
      note_changes(r, block, values, out);
  }
}

const host_column& block_checker::column_of(aggregation a) {
  switch (a) {
  case aggregation::avg:
    scan_.averages(computed_);
    return computed_;
  case aggregation::sum:
    scan_.sums(computed_);
    return computed_;
  case aggregation::min:
    return scan_.minima();
  case aggregation::max:
    return scan_.maxima();
  case aggregation::last:
    return scan_.newest_values();
  case aggregation::count:
    break;
  }
  return scan_.counts();
}

void block_checker::note_changes(rule_index r, std::size_t block, const host_column& values,
                                 std::vector<verdict_change>& out) {
  const auto v = judge(plan_.rules()[r], values, scan_);
  const auto& open = open_.at(r, block);
  for (std::size_t w = 0; w < block_words; ++w) {
    auto changes = (v.breach[w] & ~open[w]) | (v.clear[w] & open[w]);
    for (; changes != 0; changes &= changes - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(changes));
      const auto h = w * 64 + bit;
      const bool any = scan_.any_value()[w] >> bit & 1;
      const bool breach = v.breach[w] >> bit & 1;
      out.push_back({any ? values[h] : 0.0, r,
                     static_cast<host_index>(block * block_hosts + h) & host_index_max, breach,
                     any});
    }
  }
}

} // namespace tocsin
