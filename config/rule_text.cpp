#include "config/json_text.hpp"
#include "config/read_settings.hpp"
#include "config/rule_reader.hpp"

#include <fmt/format.h>

namespace tocsin {

std::string write_rules(const rule_set& rules) {
  std::string out = "[";
  for (const auto& rule : rules) {
    if (out.size() > 1)
      out += ',';
    // -0 and 0 are the same threshold, so they are written the same.
    const auto threshold = rule.threshold == 0 ? 0 : rule.threshold;
    out += fmt::format(R"({{"name":{},"field":{},"aggregation":"{}","operand":"{}","value":{},)"
                       R"("timeframe":{},"cooldown":{},"partial":{},"noData":"{}")",
                       quote_json(rule.name), quote_json(rule.field), name_of(rule.aggregate),
                       name_of(rule.compare), write_number(threshold), rule.timeframe_ms,
                       rule.cooldown_ms, rule.partial, name_of(rule.on_no_data));
    if (!rule.labels.empty())
      out += fmt::format(R"(,"labels":{})", write_texts(rule.labels));
    if (!rule.annotations.empty())
      out += fmt::format(R"(,"annotations":{})", write_texts(rule.annotations));
    out += '}';
  }
  return out + ']';
}

result<rule_set> read_rules(std::string_view json) {
  const auto document = json_document::read(json);
  if (!document)
    return error{fmt::format("the rules are no JSON: {}", document.failure().message)};
  problem_list problems;
  auto placed = read_placed_rules(json_cursor{*document, "rules"}, problems);
  for (const auto& problem : std::move(problems).take()) {
    if (problem.level == diagnostic::severity::error)
      return error{problem.text()};
  }
  rule_set out;
  for (auto& rule : placed)
    out.push_back(std::move(rule.value));
  return out;
}

} // namespace tocsin
