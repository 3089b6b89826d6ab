#include "streams/rule/plan.hpp"

#include <algorithm>
#include <map>

namespace tocsin {

rule_plan::rule_plan(const rule_set& rules, const tick_grid& grid) : rules_(rules) {
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
    for (auto& [ticks, columns] : windows) {
      window w{ticks, {}};
      for (auto& [aggregate, indexes] : columns) {
        f.sums |= aggregate == aggregation::sum || aggregate == aggregation::avg;
        f.extrema |= aggregate == aggregation::min || aggregate == aggregation::max;
        w.columns.push_back({aggregate, std::move(indexes)});
      }
      columns_ += w.columns.size();
      f.windows.push_back(std::move(w));
    }
    longest_of_all_ = std::max(longest_of_all_, f.windows.back().ticks);
    fields_.push_back(std::move(f));
  }
}

std::vector<watched_field> rule_plan::watched() const {
  std::vector<watched_field> out;
  for (const auto& f : fields_)
    out.push_back({f.name, f.windows.back().ticks});
  return out;
}

} // namespace tocsin
