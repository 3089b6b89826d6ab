#include "actors/api/explanation.hpp"

#include "actors/api/rules.hpp"
#include "config/json_text.hpp"
#include "streams/rule/blocked_until.hpp"
#include "streams/rule/explain_words.hpp"
#include "streams/rule/incident.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

std::string time_json(std::optional<std::int64_t> ms) {
  return ms ? fmt::format("\"{}\"", iso_time(*ms)) : "null";
}

std::string number_json(std::optional<double> value) {
  return value ? write_number(*value) : "null";
}

const char* name_of(rule_origin o) {
  return o == rule_origin::now ? "now" : o == rule_origin::then ? "then" : "unknown";
}

const char* verdict_name(std::optional<bool> verdict) {
  return !verdict ? "unknown" : *verdict ? "breach" : "clear";
}

// What a tick is, and why it is missing.
const char* standing_json(tick_standing s) {
  switch (s) {
  case tick_standing::value:
    return R"("value","why":null)";
  case tick_standing::silent:
    return R"("silent","why":null)";
  case tick_standing::before_first:
    return R"("missing","why":"before-first")";
  case tick_standing::blind:
    return R"("missing","why":"blind")";
  case tick_standing::slipped:
    break;
  }
  return R"("missing","why":"slipped")";
}

std::string window_json(const explanation& e) {
  if (!e.nothing.empty())
    return R"({"from":null,"to":null,"ticks":[]})";
  auto out = fmt::format(R"({{"from":"{}","to":"{}","ticks":[)",
                         iso_time(e.grid.start_ms(e.check - e.window_ticks() + 1)),
                         iso_time(e.grid.end_ms(e.check)));
  for (const auto& t : e.found.window) {
    const bool has_value = t.standing == tick_standing::value;
    out += fmt::format(R"({}{{"start":{},"value":{},"state":{}}})", out.back() == '[' ? "" : ",",
                       e.grid.start_ms(t.at), has_value ? write_number(t.value) : "null",
                       standing_json(t.standing));
  }
  return out + "]}";
}

std::string checks_json(const explanation& e) {
  std::string out = "[";
  for (const auto& c : e.checks)
    out += fmt::format(R"({}{{"at":{},"value":{},"verdict":"{}"}})", out.size() > 1 ? "," : "",
                       e.grid.end_ms(c.at), number_json(c.value), verdict_name(c.verdict));
  return out + ']';
}

// When what is missing from the window (after a restart, say) keeps the pair as it is no longer.
std::optional<std::int64_t> not_before(const explanation& e) {
  if (e.asked_at || !e.nothing.empty())
    return std::nullopt;
  const auto check = blocked_until(e.about, e.watch_ticks, e.found, !e.open);
  return check ? std::optional(e.grid.end_ms(*check)) : std::nullopt;
}

// Where the pair stands now, and what would change that.
std::string standing_json(const explanation& e) {
  std::string out;
  if (!e.asked_at)
    out = fmt::format(R"("state":"{}",)", e.open               ? "open"
                                          : e.cooling_until_ms ? "coolingDown"
                                                               : "idle");
  if (!e.open)
    out += R"("incident":null)";
  else
    out += fmt::format(R"("incident":{{"id":"{}","startTime":"{}","triggerValue":{}}})",
                       incident_id(e.cluster, e.about.name, e.host, e.open->start_ms),
                       iso_time(e.open->start_ms), write_number(e.open->trigger_value));
  out += fmt::format(R"(,"coolingDownUntil":{})", time_json(e.cooling_until_ms));
  if (e.open)
    out += fmt::format(R"(,"resolvesWhen":{})",
                       quote_json(resolves_when(e.rule_now ? *e.rule_now : e.about)));
  else if (!e.asked_at)
    out += fmt::format(R"(,"opensWhen":{})", quote_json(opens_when(e.about, e.cooling_until_ms)));
  return out + fmt::format(R"(,"notBefore":{})", time_json(not_before(e)));
}

} // namespace

bool explanation::contradicts_incident() const {
  return open && open->start_ms == grid.end_ms(check) &&
         (found.verdict != true || found.value != open->trigger_value);
}

std::string to_json(const explanation& e) {
  const bool none = !e.nothing.empty();
  const std::string reason = none ? e.nothing : name_of(e.found.reason);
  return fmt::format(
      R"({{"rule":{},"under":"{}","ruleNow":{},"host":{},{},)"
      R"("verdict":"{}","reason":{},"words":{},"value":{},"threshold":{},)"
      R"("window":{},"checks":{},"source":"{}","asOf":"{}"}})"
      "\n",
      rule_json(e.about), name_of(e.under), e.rule_now ? rule_json(*e.rule_now) : "null",
      quote_json(e.host), standing_json(e), verdict_name(e.found.verdict),
      reason.empty() ? "null" : quote_json(reason),
      quote_json(none ? e.nothing_words : explain_words(e.about, e.grid, e.found, e.first)),
      number_json(e.found.value), write_number(e.about.threshold == 0 ? 0 : e.about.threshold),
      window_json(e), checks_json(e), e.source, iso_time(e.as_of_ms));
}

} // namespace tocsin
