#include "tools/reading/explanation_text.hpp"

#include "config/json_text.hpp"
#include "config/number_text.hpp"
#include "streams/rule/iso_time.hpp"
#include "tools/reading/json_writer.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

std::string first_line(const json_node& answer) {
  const auto& check = text_of(member_of(answer, "window"), "to");
  const auto& reason = text_of(answer, "reason");
  return fmt::format(
      "{} on {}{}: {}{}\n", quote_for_people(text_of(member_of(answer, "rule"), "name")),
      quote_for_people(text_of(answer, "host")), check.empty() ? "" : ", check of " + check,
      text_of(answer, "verdict"), reason.empty() ? "" : " (" + reason + ")");
}

// Under which rule the check was made, where that is not plain.
std::string rule_lines(const json_node& answer) {
  const auto& under = text_of(answer, "under");
  const auto& rule = text_of(member_of(answer, "rule"), "text");
  if (under == "then") {
    const auto& now = text_of(member_of(answer, "ruleNow"), "text");
    return fmt::format("  rule then: {}\n  rule now: {}\n", rule,
                       now.empty() ? "there is none of this name" : now);
  }
  return fmt::format("  rule: {}\n{}", rule,
                     under == "unknown" ? "  the rule of that check is not kept any more: it may "
                                          "have come out otherwise\n"
                                        : "");
}

std::string state_lines(const json_node& answer) {
  std::string out;
  const auto add = [&](std::string_view key, std::string_view words) {
    if (const auto& text = text_of(answer, key); !text.empty())
      out += fmt::format("  {}: {}\n", words, text);
  };
  add("state", "state");
  if (const auto& incident = member_of(answer, "incident"); !text_of(incident, "id").empty())
    out += fmt::format("  incident: {} since {}, opened with {}\n", text_of(incident, "id"),
                       text_of(incident, "startTime"),
                       number_for_people(member_of(incident, "triggerValue").number,
                                         member_of(answer, "threshold").number));
  add("opensWhen", "opens when");
  add("resolvesWhen", "is resolved when");
  add("coolingDownUntil", "cools down until");
  add("notBefore", "not before");
  return out;
}

std::string tick_line(const json_node& tick) {
  const auto start = static_cast<std::int64_t>(member_of(tick, "start").number);
  const auto& state = text_of(tick, "state");
  const auto& why = text_of(tick, "why");
  return fmt::format("    {}  {}{}\n", iso_time(std::max<std::int64_t>(start, 0)),
                     state == "value" ? number_for_people(member_of(tick, "value").number) : state,
                     why.empty() ? "" : ": " + why);
}

std::string window_lines(const json_node& answer) {
  const auto& ticks = member_of(member_of(answer, "window"), "ticks").items;
  if (ticks.empty())
    return {};
  const auto left_out = ticks.size() - std::min(ticks.size(), shown_ticks_max);
  std::string out = "  window, tick by tick:\n";
  if (left_out > 0)
    out += fmt::format("    {} ticks before (--json has them)\n", left_out);
  for (auto i = left_out; i < ticks.size(); ++i)
    out += tick_line(ticks[i]);
  return out;
}

} // namespace

std::string explanation_text(const json_node& answer) {
  return first_line(answer) + fmt::format("  {}\n", text_of(answer, "words")) + rule_lines(answer) +
         state_lines(answer) + window_lines(answer);
}

} // namespace tocsin
