#include "tools/reading/incident_filter.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

bool any_matches(const std::vector<name_pattern>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const auto& one) { return one.matches(name); });
}

std::optional<std::string> only_one(const std::vector<name_pattern>& patterns) {
  return patterns.size() == 1 && patterns[0].is_one_name() ? std::optional(patterns[0].text())
                                                           : std::nullopt;
}

} // namespace

result<incident_filter> incident_filter::read(const std::vector<std::string>& rules,
                                              const std::vector<std::string>& hosts,
                                              const std::vector<std::string>& labels) {
  incident_filter out;
  for (const auto& text : rules)
    out.rules_.emplace_back(text);
  for (const auto& text : hosts)
    out.hosts_.emplace_back(text);
  for (const auto& text : labels) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return error{fmt::format("--label: {} is no NAME=PATTERN: write it as team=db or team=db*",
                               quote_for_people(text))};
    const auto name = text.substr(0, equals);
    auto known = std::find_if(out.labels_.begin(), out.labels_.end(),
                              [&](const auto& one) { return one.name == name; });
    if (known == out.labels_.end())
      known = out.labels_.insert(known, {name, {}});
    known->values.emplace_back(text.substr(equals + 1));
  }
  return out;
}

bool incident_filter::takes(std::string_view rule, std::string_view host,
                            const text_map& labels) const {
  if (!rules_.empty() && !any_matches(rules_, rule))
    return false;
  if (!hosts_.empty() && !any_matches(hosts_, host))
    return false;
  return std::all_of(labels_.begin(), labels_.end(), [&](const auto& wanted) {
    const auto has = std::find_if(labels.begin(), labels.end(),
                                  [&](const auto& one) { return one.first == wanted.name; });
    return has != labels.end() && any_matches(wanted.values, has->second);
  });
}

std::optional<std::string> incident_filter::only_rule() const {
  return only_one(rules_);
}

std::optional<std::string> incident_filter::only_host() const {
  return only_one(hosts_);
}

} // namespace tocsin
