#include "config/flat_form.hpp"

#include "config/read_settings.hpp"

#include <gtest/gtest.h>

namespace tocsin::flat_form_test {

namespace {

constexpr std::string_view rules = R"([{"name":"cpu","field":"cpu.usage","aggregation":"avg",)"
                                   R"("operand":"equalOrMoreThan","value":60,"timeframe":"2m"}])";

settings_report read(const std::string& text, std::string_view file = "tocsin.json",
                     const environment& env = {}) {
  return read_settings(text, file, env, purpose::serve);
}

std::string texts(const settings_report& report) {
  std::string out;
  for (const auto& problem : report.problems)
    out += problem.text() + '\n';
  return out;
}

settings nested(const std::string& text) {
  const auto report = read(text, "botpress.config.json");
  EXPECT_EQ(texts(report), "");
  return report.value;
}

} // namespace

TEST(flat_form, says_what_the_nested_form_says) {
  const auto flat = read(R"({"interval":"5s","checkInterval":"15s","logRetention":"1d",)"
                         R"("logTrimInterval":"1m","incidentRetention":"2d",)"
                         R"("incidentTrimInterval":"2m","cluster":"c","grace":0,"memory":"1GB",)"
                         R"("rules":)" +
                         std::string(rules) + "}");
  ASSERT_EQ(texts(flat), "");
  EXPECT_TRUE(flat.flat);
  EXPECT_EQ(flat.value,
            nested(R"({"pro":{"monitoring":{"enabled":true,"collectionInterval":"5s",)"
                   R"("retentionPeriod":"1d","janitorInterval":"1m"},"alerting":{"enabled":true,)"
                   R"("watcherInterval":"15s","retentionPeriod":"2d","janitorInterval":"2m",)"
                   R"("rules":)" +
                   std::string(rules) +
                   R"(}},"tocsin":{"cluster":"c","grace":0,"memory":"1GB"}})"));
}

TEST(flat_form, both_services_are_on_unless_it_says_otherwise) {
  EXPECT_TRUE(read("{}").value.monitoring_enabled && read("{}").value.alerting_enabled);
  const auto off = read(R"({"enabled":false})").value;
  EXPECT_FALSE(off.monitoring_enabled || off.alerting_enabled);
  EXPECT_TRUE(read(R"({"enabled":false})", "tocsin.json", {{"TOCSIN_ENABLED", "true"}})
                  .value.alerting_enabled);
  EXPECT_FALSE(read("{}", "tocsin.json", {{"BP_CONFIG_PRO_ALERTING_ENABLED", "false"}})
                   .value.alerting_enabled);
}

TEST(flat_form, rules_are_checked_every_interval_unless_it_says_otherwise) {
  EXPECT_EQ(read(R"({"interval":"1s"})").value.watcher_interval_ms, 1'000);
  EXPECT_EQ(read(R"({"interval":"1m"})").value.watcher_interval_ms, 60'000);
  EXPECT_EQ(read(R"({"interval":"1s","checkInterval":"3s"})").value.watcher_interval_ms, 3'000);
  EXPECT_EQ(read(R"({"interval":"1s"})", "tocsin.json",
                 {{"BP_CONFIG_PRO_ALERTING_WATCHERINTERVAL", "5s"}})
                .value.watcher_interval_ms,
            5'000);
}

TEST(flat_form, variables_are_merged_as_into_the_nested_form) {
  const auto report = read(R"({"cluster":"c"})", "tocsin.json",
                           {{"BP_CONFIG_PRO_ALERTING_RULES", std::string(rules)},
                            {"BP_CONFIG_TOCSIN_CLUSTER", "d"},
                            {"BP_CONFIG_PRO_MONITORING_COLLECTIONINTERVAL", "2s"}});
  ASSERT_EQ(texts(report), "");
  EXPECT_EQ(report.value.rules.size(), 1U);
  EXPECT_EQ(report.value.cluster, "d");
  EXPECT_EQ(report.value.interval_ms, 2'000);
}

TEST(flat_form, is_known_by_its_name_or_by_its_keys) {
  const auto is_flat = [](const char* text, std::string_view file) {
    return is_flat_form(json_document::read(text)->root(), file);
  };
  EXPECT_TRUE(is_flat("{}", "tocsin.json"));
  EXPECT_TRUE(is_flat("{}", "/etc/tocsin/tocsin.json"));
  EXPECT_TRUE(is_flat(R"({"rules":[]})", "other.json"));
  EXPECT_TRUE(is_flat(R"({"hostExpiry":"2h"})", ""));
  EXPECT_FALSE(is_flat("{}", "other.json"));
  EXPECT_FALSE(is_flat(R"({"rules":[]})", "data/global/botpress.config.json"));
  EXPECT_FALSE(is_flat(R"({"pro":{}})", "tocsin.json"));
  EXPECT_FALSE(is_flat(R"({"tocsin":{},"rules":[]})", "other.json"));
  EXPECT_EQ(config_file_name(R"({"interval":"1s"})"), "tocsin.json");
  EXPECT_EQ(config_file_name(R"({"pro":{}})"), "botpress.config.json");
  EXPECT_EQ(config_file_name("{"), "botpress.config.json");
}

TEST(flat_form, a_key_written_twice_counts_as_the_last_one_says) {
  const auto report = read(R"({"interval":"1s","interval":"2s"})");
  EXPECT_EQ(report.value.interval_ms, 2'000);
  EXPECT_EQ(texts(report), "tocsin.json:1:2: warning: `interval` is written twice here: the last "
                           "one counts (at /interval)\n");
}

} // namespace tocsin::flat_form_test
