#include "tools/reading/rule_line.hpp"

#include "config/json_text.hpp"
#include "tools/reading/json_writer.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// "new 2, blind 1": the reasons that there are.
std::string reasons(const json_node& why) {
  std::string out;
  for (const auto& one : why.members)
    if (one.value.number > 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", one.key, one.value.text);
  return out.empty() ? out : " (" + out + ")";
}

} // namespace

std::string rule_line(const json_node& rule) {
  const auto begin =
      fmt::format("{}  ({})", quote_for_people(text_of(rule, "name")), text_of(rule, "text"));
  const auto* found = rule.find("state");
  if (found == nullptr)
    return begin;
  const auto& state = found->value;
  const auto count = [&](std::string_view key) { return text_of(state, key); };
  return fmt::format("{}  {} open, {} cooling down; {} host{}: {} breach, {} clear, {} unknown{}",
                     begin, count("open"), count("coolingDown"), count("hosts"),
                     count("hosts") == "1" ? "" : "s", count("breach"), count("clear"),
                     count("unknown"), reasons(member_of(state, "unknownWhy")));
}

} // namespace tocsin
