#include "config/stray_keys.hpp"

#include <algorithm>
#include <array>

namespace tocsin {

namespace {

using severity = diagnostic::severity;

struct entry {
  std::string_view place;
  std::string_view key;
  stray_key what;
};

constexpr entry misplaced(std::string_view place, std::string_view key, std::string_view advice) {
  return {place, key, {severity::error, advice}};
}
constexpr entry in_rule(std::string_view key, std::string_view advice) {
  return {"rule", key, {severity::error, advice}};
}
constexpr entry for_people(std::string_view key) {
  return {"rule",
          key,
          {severity::warning, "is ignored here: texts for people stand in `annotations`, "
                              R"({"summary": "{{ruleName}} on {{hostName}}"})"}};
}

constexpr std::string_view rules_place = "belong in `pro.alerting.rules`";
constexpr std::string_view below_pro = "belongs below `pro`";
constexpr std::string_view below_tocsin = "belongs below `tocsin`, at the top of the file";
constexpr std::string_view at_the_top = "is no key of this file: what it holds stands at the top, "
                                        "such as `rules` and `interval`";
constexpr std::string_view in_monitoring = "belongs in `pro.monitoring`";
constexpr std::string_view in_alerting = "belongs in `pro.alerting`";

constexpr std::string_view wait = "is no key of this version: what has to hold for 5 minutes is a "
                                  "rule on `min` (with equalOrLessThan: `max`) over a `timeframe` "
                                  "of 5m";
constexpr std::string_view label = R"(is no key of a rule: write it into `labels`, )"
                                   R"({"severity": "page"})";
constexpr std::string_view some_hosts = "is no key of this version: every rule is checked for "
                                        "every host";
constexpr std::string_view no_switch = "is no key of a rule: take the rule out of the list, or "
                                       "leave this out";
constexpr std::string_view told = "is no key of a rule: `tocsin.webhooks` and "
                                  "`tocsin.alertmanagers` say who is told, of every rule";
constexpr std::string_view later = "is no key of this version, and the rule would mean something "
                                   "else without it";
constexpr std::string_view no_expression = "is no key of this version: write `field`, "
                                           "`aggregation`, `operand` and `value`";
constexpr std::string_view is_value = "is no key of a rule: did you mean `value`?";
constexpr std::string_view is_operand = "is no key of a rule: did you mean `operand`?";
constexpr std::string_view is_timeframe = "is no key of a rule: did you mean `timeframe`?";
constexpr std::string_view is_aggregation = "is no key of a rule: did you mean `aggregation`?";
constexpr std::string_view is_field = "is no key of a rule: did you mean `field`?";
constexpr std::string_view is_name = "is no key of a rule: did you mean `name`?";

constexpr std::array entries = {
    misplaced("", "rules", rules_place),
    misplaced("", "alerting", below_pro),
    misplaced("", "monitoring", below_pro),
    misplaced("", "webhooks", below_tocsin),
    misplaced("", "alertmanagers", below_tocsin),
    misplaced("pro", "rules", rules_place),
    misplaced("pro", "tocsin", "belongs at the top of the file, beside `pro`"),
    misplaced("pro.monitoring", "rules", rules_place),
    misplaced("pro.monitoring", "watcherInterval", in_alerting),
    misplaced("pro.alerting", "collectionInterval", in_monitoring),
    misplaced("tocsin", "rules", rules_place),
    misplaced("tocsin", "alerting", "belongs below `pro`, beside `tocsin`"),
    misplaced("tocsin", "monitoring", "belongs below `pro`, beside `tocsin`"),
    misplaced("tocsin", "collectionInterval", in_monitoring),
    misplaced("tocsin", "watcherInterval", in_alerting),
    misplaced("flat", "collectionInterval", "is called `interval` in this file"),
    misplaced("flat", "watcherInterval", "is called `checkInterval` in this file"),
    misplaced("flat", "retentionPeriod", "is `logRetention` or `incidentRetention` in this file"),
    misplaced("flat", "janitorInterval",
              "is `logTrimInterval` or `incidentTrimInterval` in this file"),
    misplaced("flat", "monitoring", at_the_top),
    misplaced("flat", "alerting", at_the_top),
    in_rule("for", wait),
    in_rule("severity", label),
    in_rule("priority", label),
    in_rule("team", label),
    in_rule("tags", label),
    in_rule("host", some_hosts),
    in_rule("hosts", some_hosts),
    in_rule("hostName", some_hosts),
    in_rule("instance", some_hosts),
    in_rule("selector", some_hosts),
    in_rule("where", some_hosts),
    in_rule("match", some_hosts),
    in_rule("filter", some_hosts),
    in_rule("enabled", no_switch),
    in_rule("disabled", no_switch),
    in_rule("notify", told),
    in_rule("webhooks", told),
    in_rule("receivers", told),
    in_rule("groupBy", later),
    in_rule("by", later),
    in_rule("percentile", later),
    in_rule("recovery", later),
    in_rule("recoveryThreshold", later),
    in_rule("keepFiringFor", later),
    in_rule("keep_firing_for", later),
    in_rule("schedule", later),
    in_rule("expr", no_expression),
    in_rule("query", no_expression),
    in_rule("threshold", is_value),
    in_rule("operator", is_operand),
    in_rule("condition", is_operand),
    in_rule("comparison", is_operand),
    in_rule("window", is_timeframe),
    in_rule("period", is_timeframe),
    in_rule("duration", is_timeframe),
    in_rule("range", is_timeframe),
    in_rule("function", is_aggregation),
    in_rule("aggregate", is_aggregation),
    in_rule("metric", is_field),
    in_rule("alert", is_name),
    for_people("description"),
    for_people("summary"),
    for_people("message"),
    for_people("runbook"),
};

} // namespace

std::optional<stray_key> find_stray_key(std::string_view place, std::string_view key) {
  const auto hit = std::find_if(entries.begin(), entries.end(),
                                [&](const entry& e) { return e.place == place && e.key == key; });
  return hit == entries.end() ? std::nullopt : std::optional{hit->what};
}

} // namespace tocsin
