#include "actors/api/event_text.hpp"

#include "config/json_text.hpp"
#include "config/text_map.hpp"

#include <fmt/format.h>

namespace tocsin {

std::string event_text(std::string_view name, std::string_view data, std::string_view id) {
  const auto of = id.empty() ? std::string() : fmt::format("id: {}\n", id);
  return fmt::format("event: {}\n{}data: {}\n\n", name, of, data);
}

std::string incident_event_json(const redis::stream_event& e) {
  std::string out = fmt::format(R"({{"event":"{}")", e.opened ? "opened" : "resolved");
  const auto add = [&](std::string_view name, std::string_view text) {
    out += fmt::format(R"(,"{}":{})", name, quote_json(text));
  };
  const auto add_number = [&](std::string_view name, std::string_view text) {
    out += fmt::format(R"(,"{}":{})", name, redis::number_json(text));
  };
  add("id", e.id);
  add("ruleName", e.rule_name);
  add("hostName", e.host_name);
  add("startTime", e.start_time);
  if (!e.opened)
    add("endTime", e.end_time);
  add_number("triggerValue", e.trigger_value);
  if (!e.opened)
    add("reason", e.reason);
  add("field", e.field);
  add("aggregation", e.aggregation);
  add("operand", e.operand);
  add_number("threshold", e.threshold);
  add_number("timeframe", e.timeframe);
  if (!e.labels.empty())
    out.append(R"(,"labels":)").append(write_texts(e.labels));
  if (!e.annotations.empty())
    out.append(R"(,"annotations":)").append(write_texts(e.annotations));
  return out + '}';
}

} // namespace tocsin
