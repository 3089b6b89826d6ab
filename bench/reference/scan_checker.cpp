#include "bench/reference/scan_checker.hpp"

#include "streams/rule/verdict.hpp"

#include <bit>

namespace tocsin {

void scan_checker::check(std::size_t block, std::vector<verdict_change>& out) {
  for (field_index f = 0; f < plan_.fields().size(); ++f) {
    const auto& field = plan_.fields()[f];
    const auto* values = ring_.find(f, block);
    if (!values)
      continue;
    scan_.begin(*values, history_, ring_.sealed(), {}, plan_.check_ticks());
    for (const auto& window : field.windows) {
      scan_.extend(window.ticks);
      check_window(window, block, out);
    }
  }
}

void scan_checker::check_window(const rule_plan::window& window, std::size_t block,
                                std::vector<verdict_change>& out) {
  for (const auto& column : window.columns) {
    const auto& values = column_of(column.aggregate);
    for (const auto& c : column.checks)
      note_changes(c.rule, block, values, out);
  }
}

const host_column& scan_checker::column_of(aggregation a) {
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

void scan_checker::note_changes(rule_index r, std::size_t block, const host_column& values,
                                std::vector<verdict_change>& out) {
  const auto& rule = plan_.rules()[r];
  const auto v = judge(rule, compare_hosts(rule, values), scan_.masks());
  const auto& open = open_.at(r, block);
  for (std::size_t w = 0; w < block_words; ++w) {
    auto changes = (v.breach[w] & ~open[w]) | (v.clear[w] & open[w]);
    for (; changes != 0; changes &= changes - 1) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(changes));
      const auto h = w * 64 + bit;
      const bool any = scan_.any_value()[w] >> bit & 1;
      verdict_change change;
      change.value = any ? values[h] : 0.0;
      change.rule = r;
      change.host = static_cast<host_index>(block * block_hosts + h) & host_index_max;
      change.breach = v.breach[w] >> bit & 1;
      change.any_value = any;
      out.push_back(change);
    }
  }
}

host_mask compare_hosts(const rule& r, const host_column& values) {
  host_mask mask{};
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const bool met = r.compare == operand::equal_or_more_than ? values[h] >= r.threshold
                                                              : values[h] <= r.threshold;
    mask[h / 64] |= std::uint64_t{met} << h % 64;
  }
  return mask;
}

} // namespace tocsin
