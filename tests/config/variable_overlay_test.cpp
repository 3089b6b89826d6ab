#include "config/variable_overlay.hpp"

#include "config/read_settings.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::variable_overlay_test {

namespace {

constexpr std::string_view file = R"({
  "pro": {
    "enabled": true,
    "monitoring": {"enabled": true, "collectionInterval": "5s"},
    "alerting": {
      "enabled": true,
      "rules": [
        {"name": "a", "field": "f", "aggregation": "avg", "operand": "equalOrMoreThan", "value": 1,
         "timeframe": "10s", "cooldown": "1m"},
        {"name": "b", "field": "g", "aggregation": "max", "operand": "equalOrLessThan", "value": 2,
         "timeframe": "20s"}
      ]
    }
  },
  "tocsin": {"grace": "2s", "alertmanagers": ["http://a:1", "http://b:2"],
             "statsd": {"listen": "127.0.0.1:8125", "host": "x"}}
})";

settings_report read(const environment& env, std::string_view text = file) {
  return read_settings(text, "c.json", env, purpose::serve);
}

std::string problems(const settings_report& report) {
  std::string out;
  for (const auto& problem : report.problems)
    out += problem.text() + '\n';
  return out;
}

std::string rule_named(std::string_view name) {
  return fmt::format(R"({{"name":"{}","field":"h","aggregation":"sum",
                         "operand":"equalOrMoreThan","value":9,"timeframe":"30s","cooldown":0}})",
                     name);
}

} // namespace

TEST(variable_overlay, a_whole_branch_is_merged_into_the_file_key_by_key) {
  const auto report = read({{"BP_CONFIG_PRO", R"({"monitoring":{"collectionInterval":"10s"},
      "alerting":{"watcherInterval":"20s"},"licenseKey":"not ours"})"}});
  EXPECT_EQ(problems(report), "c.json:9:23: warning: 10 seconds is shorter than the "
                              "watcherInterval (20 seconds): there are ticks that no check looks "
                              "at (at /pro/alerting/rules/0/timeframe)\n");
  EXPECT_TRUE(report.value.monitoring_enabled && report.value.alerting_enabled);
  EXPECT_EQ(report.value.interval_ms, 10'000);
  EXPECT_EQ(report.value.watcher_interval_ms, 20'000);
  EXPECT_EQ(report.value.rules.size(), 2U);
  EXPECT_EQ(report.value.grace_ms, 2'000);
}

TEST(variable_overlay, every_depth_can_be_given_also_to_an_empty_file) {
  const auto value = read({{"BP_CONFIG_PRO_MONITORING", R"({"enabled":true})"},
                           {"BP_CONFIG_PRO_ALERTING", R"({"enabled":true,"rules":[]})"},
                           {"BP_CONFIG_PRO_ALERTING_RULES", fmt::format("[{}]", rule_named("c"))},
                           {"BP_CONFIG_TOCSIN", R"({"hosts":7,"botpress":{"key":"k"}})"},
                           {"BP_CONFIG_TOCSIN_BOTPRESS_REDISURL", "redis://h"},
                           {"BP_CONFIG_TOCSIN_STATSD_LISTEN", "127.0.0.1:1"},
                           {"BP_CONFIG_TOCSIN_STATSD_FIELDS", R"({"a":"b"})"}},
                          "{}");
  EXPECT_EQ(problems(value), "");
  EXPECT_TRUE(value.value.monitoring_enabled && value.value.alerting_enabled);
  ASSERT_EQ(value.value.rules.size(), 1U);
  EXPECT_EQ(value.value.rules[0].name, "c");
  EXPECT_EQ(value.value.hosts_max, 7U);
  EXPECT_EQ(value.value.botpress.redis_url, "redis://h");
  EXPECT_EQ(value.value.botpress.key, "k");
  EXPECT_EQ(value.value.statsd.listen, "127.0.0.1:1");
}

TEST(variable_overlay, the_longer_path_wins) {
  const auto report = read({{"BP_CONFIG_PRO", R"({"monitoring":{"collectionInterval":"1s",
                                                  "enabled":false}})"},
                            {"BP_CONFIG_PRO_MONITORING", R"({"collectionInterval":"2s"})"},
                            {"BP_CONFIG_PRO_MONITORING_ENABLED", "yes"}});
  EXPECT_EQ(report.value.interval_ms, 2'000);
  EXPECT_TRUE(report.value.monitoring_enabled);
}

TEST(variable_overlay, rules_are_merged_item_by_item_as_botpress_does_it_and_that_is_said) {
  const auto report =
      read({{"BP_CONFIG_PRO_ALERTING_RULES", fmt::format("[{}]", rule_named("c"))}});
  ASSERT_EQ(report.value.rules.size(), 2U);
  EXPECT_EQ(report.value.rules[0].name, "c");
  EXPECT_EQ(report.value.rules[0].cooldown_ms, 0);
  EXPECT_EQ(report.value.rules[1].name, "b");
  EXPECT_EQ(
      problems(report),
      "environment: warning: this list is merged with the 2 of the file item by item, as "
      "Botpress merges them: what it does not name stays (at BP_CONFIG_PRO_ALERTING_RULES)\n");
  const auto part =
      read({{"BP_CONFIG_PRO", R"({"alerting":{"rules":[{"value":3},{"value":4}]}})"}});
  EXPECT_EQ(part.value.rules[0].threshold, 3);
  EXPECT_EQ(part.value.rules[0].cooldown_ms, 60'000);
  EXPECT_EQ(part.value.rules[1].threshold, 4);
  const auto more =
      read({{"BP_CONFIG_PRO_ALERTING_RULES",
             fmt::format("[{},{},{}]", rule_named("c"), rule_named("d"), rule_named("e"))}});
  EXPECT_EQ(problems(more), "") << "nothing of the file is left";
  EXPECT_EQ(more.value.rules.size(), 3U);
}

TEST(variable_overlay, lists_of_tocsin_replace_and_its_objects_are_merged) {
  const auto report = read({{"BP_CONFIG_TOCSIN", R"({"alertmanagers":["http://c:3"],
                                                     "statsd":{"host":"y"}})"}});
  EXPECT_EQ(problems(report), "");
  ASSERT_EQ(report.value.alertmanagers.size(), 1U);
  EXPECT_EQ(report.value.alertmanagers[0].url, "http://c:3");
  EXPECT_EQ(report.value.statsd.host, "y");
  EXPECT_EQ(report.value.statsd.listen, "127.0.0.1:8125");
}

TEST(variable_overlay, what_is_wrong_names_the_variable_and_the_place_in_it) {
  EXPECT_EQ(problems(read({{"BP_CONFIG_PRO", R"({"alerting":{"rules":[{"operand":"greaterThan"}]},
                                                 "monitoring":{"enabeld":true}})"}})),
            "environment: warning: this list is merged with the 2 of the file item by item, as "
            "Botpress merges them: what it does not name stays (at BP_CONFIG_PRO/alerting/rules)\n"
            "environment: error: unknown key `enabeld`: did you mean `enabled`? (at "
            "BP_CONFIG_PRO/monitoring/enabeld)\n"
            "environment: error: unknown operand `greaterThan`: use `equalOrMoreThan` or "
            "`equalOrLessThan` (at BP_CONFIG_PRO/alerting/rules/0/operand)\n");
  EXPECT_EQ(problems(read({{"BP_CONFIG_PRO_MONITORING", R"({"enabled": true,})"}})),
            "environment: error: line 1, column 17: a comma too many before `}`: remove it (at "
            "BP_CONFIG_PRO_MONITORING)\n");
  EXPECT_EQ(problems(read({{"BP_CONFIG_TOCSIN", "off"}})),
            "environment: error: line 1, column 1: expected `{` (or `[`), found `off` (at "
            "BP_CONFIG_TOCSIN)\n");
  EXPECT_EQ(problems(read({{"BP_CONFIG_PRO_ALERTING", "[1]"}})),
            "environment: error: expected an object, found an array (at BP_CONFIG_PRO_ALERTING)\n");
}

TEST(variable_overlay, a_branch_that_is_misspelt_is_an_error) {
  EXPECT_EQ(problems(read({{"BP_CONFIG_PRO_ALERTIN", "{}"}})),
            "environment: error: unknown variable: did you mean BP_CONFIG_PRO_ALERTING? (at "
            "BP_CONFIG_PRO_ALERTIN)\n");
  EXPECT_EQ(problems(read({{"BP_CONFIG_PORT", "{}"}})), "");
}

} // namespace tocsin::variable_overlay_test
