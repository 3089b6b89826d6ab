#include "config/read_settings.hpp"

#include "config/default_config.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

namespace tocsin::read_settings_test {

namespace {

namespace fs = std::filesystem;

settings_report read(std::string_view text, const environment& env = {},
                     purpose why = purpose::serve) {
  return read_settings(text, "c.json", env, why);
}

// The texts of all problems, one to a line.
std::string problems(const settings_report& report) {
  std::string out;
  for (const auto& problem : report.problems)
    out += problem.text() + '\n';
  return out;
}

std::string with_rule(std::string_view rule) {
  return R"({"pro":{"alerting":{"rules":[)" + std::string(rule) + "]}}}";
}

class scratch_folder {
public:
  scratch_folder() {
    std::string name = (fs::temp_directory_path() / "tocsin-config-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~scratch_folder() { fs::remove_all(path); }
  fs::path path;
};

} // namespace

TEST(read_settings, an_empty_config_has_the_documented_defaults) {
  const auto report = read("{}");
  EXPECT_EQ(problems(report), "");
  EXPECT_EQ(report.value, settings{});
}

TEST(read_settings, every_setting_is_read_from_its_key) {
  const auto report = read(R"({
    "pro": {
      "monitoring": {"enabled": true, "collectionInterval": "5s", "retentionPeriod": "1d",
                     "janitorInterval": "1m"},
      "alerting": {"enabled": true, "watcherInterval": 15000, "retentionPeriod": "2d",
                   "janitorInterval": "2m", "rules": []}},
    "tocsin": {"cluster": "c", "prefix": "p", "grace": "2s", "hostExpiry": "1h", "takeover": "5s",
               "logBytes": "64MiB", "incidentBytes": "2 MB", "memory": "1GiB", "hosts": 10,
               "fields": 11, "externalUrl": "https://t.example.com", "hookTimeout": "1m",
               "hookMemory": "1GiB", "alertmanagers": ["http://am:9093"],
               "watchdog": true, "watchdogInterval": "90s",
               "webhooks": [{"name": "w", "url": "https://h/"}]}})");
  ASSERT_EQ(problems(report), "");
  const auto& value = report.value;
  EXPECT_TRUE(value.monitoring_enabled);
  EXPECT_TRUE(value.alerting_enabled);
  EXPECT_EQ(value.interval_ms, 5'000);
  EXPECT_EQ(value.watcher_interval_ms, 15'000);
  EXPECT_EQ(value.monitoring_retention_ms, 86'400'000);
  EXPECT_EQ(value.monitoring_janitor_ms, 60'000);
  EXPECT_EQ(value.alerting_retention_ms, 172'800'000);
  EXPECT_EQ(value.alerting_janitor_ms, 120'000);
  EXPECT_EQ(value.cluster, "c");
  EXPECT_EQ(value.prefix, "p");
  EXPECT_EQ(value.grace_ms, 2'000);
  EXPECT_EQ(value.host_expiry_ms, 3'600'000);
  EXPECT_EQ(value.takeover_ms, 5'000);
  EXPECT_EQ(value.log_bytes, std::uint64_t{64} << 20);
  EXPECT_EQ(value.incident_bytes, 2'000'000U);
  EXPECT_EQ(value.memory_bytes, std::uint64_t{1} << 30);
  EXPECT_EQ(value.hosts_max, 10U);
  EXPECT_EQ(value.fields_max, 11U);
  EXPECT_EQ(value.external_url, "https://t.example.com");
  EXPECT_EQ(value.hook_timeout_ms, 60'000);
  EXPECT_EQ(value.hook_memory_bytes, std::uint64_t{1} << 30);
  EXPECT_TRUE(value.watchdog);
  EXPECT_EQ(value.watchdog_interval_ms, 90'000);
  ASSERT_EQ(value.alertmanagers.size(), 1U);
  EXPECT_EQ(value.alertmanagers[0].url, "http://am:9093");
  ASSERT_EQ(value.webhooks.size(), 1U);
  EXPECT_EQ(value.webhooks[0].name, "w");
}

TEST(read_settings, a_rule_is_read_with_every_key) {
  const auto report = read(with_rule(
      R"({"name":" a ","field":"x.y","aggregation":"count","operand":"equalOrLessThan","value":2.5,
          "timeframe":"1m","cooldown":"90s","partial":true,"noData":"resolve"})"));
  ASSERT_EQ(problems(report), "");
  const rule expected{" a ",  "x.y", aggregation::count, operand::equal_or_less_than, 2.5, 60'000,
                      90'000, true,  no_data::resolve};
  EXPECT_EQ(report.value.rules, rule_set{expected});
}

TEST(read_settings, labels_and_annotations_are_bounded) {
  const auto with_texts = [](std::string_view key, int count, std::size_t bytes) {
    std::string texts;
    for (int i = 0; i < count; ++i)
      texts += fmt::format(R"({}"l{:03}":"{}")", i == 0 ? "" : ",", i, std::string(bytes, 'x'));
    return problems(read(with_rule(fmt::format(
        R"({{"name":"a","field":"f","aggregation":"avg","operand":"equalOrMoreThan","value":1,
            "timeframe":"1m","{}":{{{}}}}})",
        key, texts))));
  };
  EXPECT_EQ(with_texts("labels", 32, 60), "");
  EXPECT_EQ(with_texts("labels", 7, 256), "");
  EXPECT_EQ(with_texts("annotations", 16, 252), "");
  EXPECT_EQ(with_texts("annotations", 3, 1'024), "");
  const auto complains = [&](std::string_view key, int count, std::size_t bytes,
                             std::string_view about) {
    const auto found = with_texts(key, count, bytes);
    EXPECT_NE(found.find(about), std::string::npos) << found;
  };
  complains("labels", 33, 1, "33 labels are too many: at most 32");
  complains("labels", 1, 257, "this label has 257 bytes: at most 256");
  complains("labels", 8, 256, "these labels have 2080 bytes together: at most 2048");
  complains("annotations", 17, 1, "17 annotations are too many: at most 16");
  complains("annotations", 1, 1'025, "this annotation has 1025 bytes: at most 1024");
  complains("annotations", 4, 1'024, "these annotations have 4112 bytes together: at most 4096");
}

TEST(read_settings, the_enabled_of_tocsin_stands_for_both_services) {
  const auto off = read(R"({"pro":{"monitoring":{"enabled":true}},"tocsin":{"enabled":false}})");
  EXPECT_FALSE(off.value.monitoring_enabled);
  const auto on = read(R"({"tocsin":{"enabled":false}})", {{"TOCSIN_ENABLED", "yes"}});
  EXPECT_TRUE(on.value.monitoring_enabled && on.value.alerting_enabled);
  const auto ours = read("{}", {{"TOCSIN_ENABLED", "true"},
                                {"BP_CONFIG_TOCSIN_ENABLED", "false"},
                                {"BP_CONFIG_PRO_ALERTING_ENABLED", "false"}});
  EXPECT_TRUE(ours.value.monitoring_enabled && ours.value.alerting_enabled);
}

TEST(read_settings, a_variable_overrides_the_file_even_where_the_file_is_wrong) {
  const auto report =
      read(R"({"pro":{"monitoring":{"collectionInterval":"soon"},"alerting":{"rules":7}}})",
           {{"BP_CONFIG_PRO_MONITORING_COLLECTIONINTERVAL", "5s"},
            {"BP_CONFIG_PRO_MONITORING_ENABLED", "true"},
            {"BP_CONFIG_PRO_ALERTING_ENABLED", "TRUE"},
            {"BP_CONFIG_TOCSIN_HOSTS", "12"},
            {"BP_CONFIG_TOCSIN_LOGBYTES", "1GiB"},
            {"BP_CONFIG_TOCSIN_GRACE", ""},
            {"BP_CONFIG_PRO_ALERTING_RULES",
             R"([{"name":"a","field":"f","aggregation":"avg","operand":"equalOrMoreThan",
             "value":1,"timeframe":"10s"}])"}});
  EXPECT_EQ(problems(report), "");
  EXPECT_EQ(report.value.interval_ms, 5'000);
  EXPECT_TRUE(report.value.alerting_enabled);
  EXPECT_EQ(report.value.hosts_max, 12U);
  EXPECT_EQ(report.value.grace_ms, 1'000);
  ASSERT_EQ(report.value.rules.size(), 1U);
  EXPECT_EQ(report.value.rules[0].name, "a");
}

TEST(read_settings, a_bad_variable_is_an_error_that_names_it) {
  const auto report = read("{}", {{"BP_CONFIG_PRO_MONITORING_COLLECTIONINTERVAL", "5 sconds"},
                                  {"BP_CONFIG_PRO_ALERTING_ENABLED", "maybe"},
                                  {"BP_CONFIG_TOCSIN_FIELDS", "1e9"},
                                  {"BP_CONFIG_PRO_ALERTING_RULES", "[{},"}});
  EXPECT_EQ(problems(report),
            "environment: error: `5 sconds` is no duration: write for example \"90s\", \"2m\", "
            "\"1.5h\", \"2 days\" or a number of milliseconds "
            "(at BP_CONFIG_PRO_MONITORING_COLLECTIONINTERVAL)\n"
            "environment: error: expected true or false, found `maybe` "
            "(at BP_CONFIG_PRO_ALERTING_ENABLED)\n"
            "environment: error: line 1, column 5: the text ends inside an object, an array or a "
            "string: it seems to be written by half (at BP_CONFIG_PRO_ALERTING_RULES)\n"
            "environment: error: expected a whole number from 1 to 4096, found `1e9` "
            "(at BP_CONFIG_TOCSIN_FIELDS)\n");
}

TEST(read_settings, rules_in_a_variable_are_pointed_at_below_its_name) {
  const auto report = read("{}", {{"BP_CONFIG_PRO_ALERTING_RULES", R"([{"name":"a","x":1}])"}});
  ASSERT_FALSE(report.problems.empty());
  EXPECT_EQ(report.problems[0].file, "environment");
  EXPECT_EQ(report.problems[0].pointer, "BP_CONFIG_PRO_ALERTING_RULES/0/x");
  EXPECT_EQ(report.problems[0].line, 0U);
}

TEST(read_settings, misspelt_variables_are_errors_and_those_of_botpress_are_left_alone) {
  const auto report = read("{}", {{"BP_CONFIG_HTTPSERVER_PORT", "3000"},
                                  {"BP_CONFIG_PRO_ENABLED", "true"},
                                  {"BP_CONFIG_PRO_ALERTING_ENABELD", "true"},
                                  {"BP_CONFIG_TOCSIN_COLOUR", "red"}});
  EXPECT_EQ(problems(report),
            "environment: error: unknown variable: did you mean BP_CONFIG_PRO_ALERTING_ENABLED? "
            "(at BP_CONFIG_PRO_ALERTING_ENABELD)\n"
            "environment: warning: unknown variable: it is ignored (at BP_CONFIG_TOCSIN_COLOUR)\n");
}

TEST(read_settings, nothing_is_concluded_from_a_setting_that_is_wrong_itself) {
  const auto report = read(R"({"pro":{"monitoring":{"enabled":1,"collectionInterval":"x"},
    "alerting":{"enabled":true,"rules":[{"name":"a","field":"f","aggregation":"avg",
    "operand":"equalOrMoreThan","value":1,"timeframe":"30d"}]}}})");
  EXPECT_EQ(report.problems.size(), 2U) << problems(report);
}

TEST(read_settings, a_replay_asks_neither_enabled_nor_expiry) {
  const auto text = R"({"pro":{"alerting":{"enabled":true,"rules":[{"name":"a","field":"f",
    "aggregation":"avg","operand":"equalOrMoreThan","value":1,"timeframe":"1h"}]}},
    "tocsin":{"hostExpiry":"1m"}})";
  EXPECT_TRUE(has_errors(read(text).problems));
  const auto report = read(text, {}, purpose::replay);
  EXPECT_FALSE(has_errors(report.problems)) << problems(report);
  EXPECT_EQ(report.problems.size(), 1U);
}

TEST(read_settings, what_is_wrong_in_the_environment_is_told_beside_a_broken_file) {
  const auto report =
      read("{", {{"BP_CONFIG_PRO_ALERTING_ENABLED", "true"}, {"BP_CONFIG_TOCSIN_GRACE", "-1"}});
  EXPECT_EQ(problems(report), "c.json:1:2: error: the text ends inside an object, an array or a "
                              "string: it seems to be written by half\n"
                              "environment: error: `-1` is less than zero "
                              "(at BP_CONFIG_TOCSIN_GRACE)\n");
}

TEST(read_settings_file, a_missing_file_a_folder_and_a_large_one_are_one_error_each) {
  const scratch_folder scratch;
  const auto complaint = [](const fs::path& path) {
    const auto report = read_settings_file(path.string(), {}, purpose::serve);
    EXPECT_TRUE(has_errors(report.problems));
    return report.problems.size() == 1 ? report.problems[0].message : problems(report);
  };
  EXPECT_EQ(complaint(scratch.path / "none.json"), "there is no such file");
  EXPECT_EQ(complaint(scratch.path), "this is a folder, not a file");
  std::ofstream(scratch.path / "large.json") << "{}";
  fs::resize_file(scratch.path / "large.json", 100'000'000);
  EXPECT_NE(complaint(scratch.path / "large.json").find("at most 16 MiB"), std::string::npos);
  EXPECT_EQ(complaint(scratch.path / "large.json" / "below"), "cannot be read: Not a directory");
}

TEST(read_settings_file, an_unreadable_file_is_one_error) {
  const scratch_folder scratch;
  const auto path = scratch.path / "closed.json";
  std::ofstream(path) << "{}";
  ::chmod(path.c_str(), 0);
  // Root reads everything, so it steps down for as long as it takes.
  const auto user = ::geteuid();
  ASSERT_EQ(user == 0 ? ::seteuid(65'534) : 0, 0);
  const auto report = read_settings_file(path.string(), {}, purpose::serve);
  ASSERT_EQ(user == 0 ? ::seteuid(0) : 0, 0);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].message, "cannot be read: Permission denied");
}

// What they watch is what every agent reports, and one a newcomer can set off with a single report.
TEST(default_config, has_no_problems_enables_both_services_and_has_the_documented_rules) {
  const auto report = read_settings(default_config(), "tocsin.json", {}, purpose::serve);
  ASSERT_EQ(problems(report), "");
  EXPECT_TRUE(report.value.monitoring_enabled && report.value.alerting_enabled);
  std::vector<std::string> fields;
  for (const auto& rule : report.value.rules)
    fields.push_back(rule.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"load.perCore", "mem.usage", "disk.usage./",
                                              "errors.count"}));
  const auto path = TOCSIN_SOURCE_DIR "/tests/conformance/cases/documented-errors-in-a-minute";
  const auto documented =
      read_settings_file(std::string(path) + "/config.json", {}, purpose::replay).value.rules;
  ASSERT_EQ(documented.size(), 1U);
  EXPECT_EQ(report.value.rules.back(), documented[0]);
}

TEST(read_settings, no_mutation_of_a_good_config_crashes_it) {
  std::ifstream file(TOCSIN_SOURCE_DIR "/tests/config/fixtures/good/every-key.json");
  const std::string good(std::istreambuf_iterator<char>(file), {});
  ASSERT_FALSE(good.empty());
  std::mt19937 random(12'345);
  const std::array<std::string_view, 12> tokens = {
      "null", "{}", "[]", "-1", "1e999", "\"\"", "true", "\"x\"", ",", "\xFF", "9e15", "0.0001"};
  std::size_t unbroken = 0;
  for (int round = 0; round < 5'000; ++round) {
    auto text = good;
    for (auto edits = 1 + random() % 4; edits > 0; --edits) {
      const auto at = random() % text.size();
      const auto token = tokens[random() % tokens.size()];
      if (random() % 3 == 0)
        text[at] = static_cast<char>(random() % 256);
      else if (random() % 2 == 0)
        text.replace(at, std::min<std::size_t>(random() % 8, text.size() - at), token);
      else if (const auto colon = text.find(": ", at); colon != std::string::npos)
        text.replace(colon + 2, text.find_first_of(",\n}", colon) - colon - 2, token);
    }
    const auto report = read(text);
    for (const auto& problem : report.problems)
      ASSERT_FALSE(problem.message.empty() || problem.json().empty());
    unbroken += has_errors(report.problems) ? 0 : 1;
  }
  EXPECT_GT(unbroken, 50U);
}

TEST(read_settings, half_milliseconds_are_rounded_up_and_what_is_then_no_length_is_an_error) {
  const auto grace = [](std::string_view written) {
    return read(fmt::format(R"({{"tocsin":{{"grace":{}}}}})", written));
  };
  for (const auto& [written, ms] : std::vector<std::pair<const char*, std::int64_t>>{
           {"0.5", 1}, {"\"0.5ms\"", 1}, {"1000.5", 1'001}, {"0.4999", 0}, {"\"0.0004s\"", 0}}) {
    EXPECT_EQ(problems(grace(written)), "") << written;
    EXPECT_EQ(grace(written).value.grace_ms, ms) << written;
  }
  const auto watcher = [](std::string_view written) {
    return problems(
        read(fmt::format(R"({{"pro":{{"alerting":{{"watcherInterval":{}}}}}}})", written)));
  };
  EXPECT_EQ(watcher("0.5"), "");
  for (const auto* none : {"0.4999", "\"0.4ms\"", "\"0.0004s\"", "0"})
    EXPECT_NE(watcher(none).find("is no length: it must be more than zero"), std::string::npos)
        << none;
}

} // namespace tocsin::read_settings_test
