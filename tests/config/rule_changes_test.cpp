#include "config/rule_changes.hpp"

#include "config/read_settings.hpp"

#include <gtest/gtest.h>

namespace tocsin::rule_changes_test {
namespace {

using names = std::vector<std::string>;

rule named(std::string name, double threshold = 1, std::int64_t timeframe_ms = 60'000) {
  return {
      .name = std::move(name), .field = "x", .threshold = threshold, .timeframe_ms = timeframe_ms};
}

TEST(rule_changes, are_told_by_name) {
  const rule_set before = {named("a"), named("b"), named("c")};
  const rule_set after = {named("d"), named("c", 2), named("b")};
  EXPECT_EQ(compare_rules(before, after), (rule_changes{{"d"}, {"c"}, {"a"}}));
  EXPECT_EQ(compare_rules(before, before), rule_changes{});
  EXPECT_EQ(compare_rules({}, before).added, (names{"a", "b", "c"}));
  EXPECT_EQ(compare_rules(before, {}).removed, (names{"a", "b", "c"}));
}

TEST(rule_changes, the_order_alone_is_no_change_of_a_rule) {
  EXPECT_EQ(compare_rules({named("a"), named("b")}, {named("b"), named("a")}), rule_changes{});
}

TEST(rule_changes, any_key_of_a_rule_counts) {
  auto labelled = named("a");
  labelled.annotations = {{"summary", "x"}};
  EXPECT_EQ(compare_rules({named("a")}, {labelled}).changed, names{"a"});
}

settings read(std::string_view text) {
  auto report = read_settings(text, "f", {}, purpose::serve);
  EXPECT_FALSE(has_errors(report.problems));
  return report.value;
}

TEST(settings_that_need_a_restart, are_all_but_the_rules_and_whether_they_are_checked) {
  const auto plain = read(R"({"pro":{"monitoring":{"enabled":true},"alerting":{"enabled":true}}})");
  EXPECT_EQ(settings_that_need_a_restart(plain, plain), names{});
  auto rules = plain;
  rules.rules = {named("a")};
  rules.alerting_enabled = false;
  EXPECT_EQ(settings_that_need_a_restart(plain, rules), names{});
  const auto other = read(R"({
    "pro": {"monitoring": {"enabled": true, "collectionInterval": "5s"},
            "alerting": {"enabled": true, "retentionPeriod": "1d"}},
    "tocsin": {"memory": "1gb", "fields": 7, "cluster": "c",
               "alertmanagers": ["http://127.0.0.1:9093"],
               "webhooks": [{"name": "w", "url": "http://127.0.0.1/"}],
               "statsd": {"listen": "127.0.0.1:8125"}}})");
  EXPECT_EQ(settings_that_need_a_restart(plain, other),
            (names{"pro.monitoring.collectionInterval", "pro.alerting.retentionPeriod",
                   "tocsin.cluster", "tocsin.memory", "tocsin.fields", "tocsin.webhooks",
                   "tocsin.alertmanagers", "tocsin.statsd"}));
}

TEST(settings_that_need_a_restart, tocsin_enabled_shows_in_what_it_stands_for) {
  const auto on = read(R"({"tocsin":{"enabled":true}})");
  const auto off = read(R"({"tocsin":{"enabled":false}})");
  EXPECT_EQ(settings_that_need_a_restart(on, off), names{"pro.monitoring.enabled"});
}

TEST(objections, windows_are_measured_by_the_interval_that_runs) {
  settings under;
  under.rules = {named("fine"), named("long", 1, 12 * 3'600'000)}; // 4,320 ticks of 10 s
  const auto problems = objections_to(under, 0, "f");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].level, diagnostic::severity::error);
  EXPECT_NE(problems[0].message.find("4320 ticks"), std::string::npos) << problems[0].message;
  under.interval_ms = 60'000;
  EXPECT_TRUE(objections_to(under, 0, "f").empty());
  under.host_expiry_ms = 3'600'000;
  EXPECT_EQ(objections_to(under, 0, "f").size(), 1u);
}

TEST(objections, the_hosts_that_are_known_must_fit) {
  settings under;
  under.memory_bytes = std::uint64_t{64} << 20;
  under.rules = {named("a", 1, 3'600'000)}; // some 3 MB for 1,024 hosts
  EXPECT_TRUE(objections_to(under, 2'000, "f").empty());
  const auto problems = objections_to(under, 100'000, "f");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "/tocsin/memory");
  EXPECT_NE(problems[0].message.find("100000 are known"), std::string::npos) << problems[0].message;
}

} // namespace
} // namespace tocsin::rule_changes_test
