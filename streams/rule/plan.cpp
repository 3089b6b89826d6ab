#include "streams/rule/plan.hpp"

#include <algorithm>
#include <map>

namespace tocsin {

namespace {

bool is_summed(aggregation a) {
  return a == aggregation::sum || a == aggregation::avg;
}

// "max >= t" holds where a value >= t stands in the window, "max <= t" where none > t does.
void compile_extremum(const rule& r, rule_check& check) {
  const bool more = r.wants_more();
  const bool greatest = r.aggregate == aggregation::max;
  check.inverted = more != greatest;
  if (more)
    check.compare = greatest ? comparison::ge : comparison::lt;
  else
    check.compare = greatest ? comparison::gt : comparison::le;
}

rule_check compile(const rule& r, rule_index i, std::int64_t ticks, rule_plan::field& f) {
  const bool more = r.wants_more();
  rule_check check;
  check.rule = i;
  check.threshold = r.threshold;
  check.compare = more ? comparison::ge : comparison::le;
  if (is_extremum(r.aggregate)) {
    compile_extremum(r, check);
    check.countdown = static_cast<std::uint32_t>(f.countdowns.size());
    f.countdowns.push_back(ticks);
  } else if (r.aggregate == aggregation::avg) {
    check.bound = bound_of_average(r.threshold, more, ticks);
  }
  return check;
}

} // namespace

rule_plan::rule_plan(const rule_set& rules, const tick_grid& grid, std::int64_t check_ticks)
    : rules_(rules), check_ticks_(check_ticks) {
  // Ordered maps, so that equal rule sets give equal plans.
  std::map<std::string, std::map<std::int64_t, std::map<aggregation, std::vector<rule_index>>>>
      grouped;
  for (rule_index i = 0; i < rules_.size(); ++i) {
    const auto& r = rules_[i];
    grouped[r.field][grid.window_ticks(r.timeframe_ms)][r.aggregate].push_back(i);
  }
  for (auto& [name, windows] : grouped) {
    field f;
    f.name = name;
    f.check_ticks = check_ticks;
    for (auto& [ticks, columns] : windows) {
      window w{ticks, false, {}};
      for (auto& [aggregate, indexes] : columns) {
        column c{aggregate, {}};
        for (const auto i : indexes)
          c.checks.push_back(compile(rules_[i], i, ticks, f));
        w.summed |= is_summed(aggregate);
        w.columns.push_back(std::move(c));
      }
      columns_ += w.columns.size();
      f.windows.push_back(std::move(w));
    }
    longest_of_all_ = std::max(longest_of_all_, f.windows.back().ticks);
    fields_.push_back(std::move(f));
  }
  if (check_ticks > 1)
    longest_of_all_ = ticks_looked_at(longest_of_all_, check_ticks);
}

std::vector<watched_field> rule_plan::watched() const {
  std::vector<watched_field> out;
  for (const auto& f : fields_)
    out.push_back({f.name, check_ticks_ == 1
                               ? f.windows.back().ticks
                               : ticks_looked_at(f.windows.back().ticks, check_ticks_)});
  return out;
}

} // namespace tocsin
