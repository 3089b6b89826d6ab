#include "tools/reading/incident_groups.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::string_view label_prefix = "label:";

std::optional<std::string> label_of(const redis::stream_event& incident, const std::string& name) {
  for (const auto& [key, value] : incident.labels)
    if (key == name)
      return value;
  return std::nullopt;
}

} // namespace

result<grouping> read_grouping(std::string_view text) {
  if (text == "rule")
    return grouping{grouping::by::rule};
  if (text == "host")
    return grouping{grouping::by::host};
  if (text.starts_with(label_prefix) && text.size() > label_prefix.size())
    return grouping{grouping::by::label, std::string(text.substr(label_prefix.size()))};
  return error{
      fmt::format("--group-by: {} is none of rule, host and label:NAME", quote_for_people(text))};
}

void incident_groups::add(const redis::stream_event& incident) {
  switch (by_.what) {
  case grouping::by::rule:
    ++counts_[incident.rule_name];
    break;
  case grouping::by::host:
    ++counts_[incident.host_name];
    break;
  case grouping::by::label:
    ++counts_[label_of(incident, by_.label)];
    break;
  }
}

std::vector<incident_groups::group> incident_groups::sorted() const {
  std::vector<group> out;
  for (const auto& [name, incidents] : counts_)
    out.push_back({name, incidents});
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.incidents > b.incidents; });
  return out;
}

std::string incident_groups::json(const group& one) const {
  const auto name = one.name ? quote_json(*one.name) : "null";
  if (by_.what == grouping::by::label)
    return fmt::format(R"({{"label":{},"value":{},"incidents":{}}})", quote_json(by_.label), name,
                       one.incidents);
  return fmt::format(R"({{"{}":{},"incidents":{}}})",
                     by_.what == grouping::by::rule ? "rule" : "host", name, one.incidents);
}

std::string incident_groups::text(const group& one) const {
  return fmt::format("{:>7}  {}", one.incidents,
                     one.name ? quote_for_people(*one.name)
                              : fmt::format("(no label {})", quote_for_people(by_.label)));
}

} // namespace tocsin
