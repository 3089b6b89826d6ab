#include "actors/api/incident_counts.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace tocsin {

void incident_counts::add(const std::string& id, std::string_view rule, std::string_view host) {
  if (!ids_.insert(id).second)
    return;
  hosts_.emplace(host);
  ++rules_.emplace(rule, 0).first->second;
}

std::string incident_counts::json() const {
  std::vector<std::pair<std::string_view, std::size_t>> most(rules_.begin(), rules_.end());
  const auto named = std::min(most.size(), rules_named_max);
  std::partial_sort(most.begin(), most.begin() + static_cast<std::ptrdiff_t>(named), most.end(),
                    [](const auto& a, const auto& b) {
                      return a.second != b.second ? a.second > b.second : a.first < b.first;
                    });
  std::string by_rule;
  for (std::size_t i = 0; i < named; ++i)
    by_rule += fmt::format(R"({}{{"rule":{},"incidents":{}}})", i == 0 ? "" : ",",
                           quote_json(most[i].first), most[i].second);
  return fmt::format(R"({{"incidents":{},"hosts":{},"rules":{},"byRule":[{}]}})", ids_.size(),
                     hosts_.size(), rules_.size(), by_rule);
}

} // namespace tocsin
