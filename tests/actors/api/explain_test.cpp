#include "actors/api/explain.hpp"

#include "actors/api/explanation.hpp"
#include "actors/api/incident_by_id.hpp"
#include "actors/api/rules.hpp"
#include "config/json_document.hpp"

#include <gtest/gtest.h>

namespace tocsin::explain_test {
namespace {

http::request asking(http::field_list query) {
  http::request r;
  r.query = std::move(query);
  return r;
}

// The message of the refusal; empty: it was taken.
std::string refused(http::field_list query) {
  const auto q = read_explain_question(asking(std::move(query)));
  return q ? "" : q.failure().message;
}

rule hot() {
  rule r;
  r.name = "hot \"<img>";
  r.field = "cpu.usage";
  r.aggregate = aggregation::max;
  r.threshold = 60;
  r.timeframe_ms = 30'000;
  return r;
}

explanation of_window(std::vector<double> values, tick first) {
  explanation e;
  e.about = hot();
  e.host = "\u202e \"web\" \\ \xff";
  e.cluster = "tocsin";
  e.check = 100 + static_cast<tick>(values.size()) - 1;
  const std::vector<bool> blind(values.size());
  e.first = first;
  e.found = explain_check(e.about, 3, 1, {100, std::move(values), blind, first}, e.check);
  return e;
}

TEST(explain, needs_a_rule_and_a_host_and_takes_a_time) {
  const auto q = read_explain_question(asking({{"rule", "a"}, {"host", "b"}, {"at", "5"}}));
  ASSERT_TRUE(q);
  EXPECT_EQ(std::tuple("a", "b", 5), std::tuple(q->rule, q->host, q->at_ms));
  EXPECT_EQ("`host` is needed: the name of a host", refused({{"rule", "a"}}));
  EXPECT_EQ("`rule` is needed: the name of a rule", refused({{"host", "a"}}));
  EXPECT_EQ("`at` must be a time: milliseconds since 1970",
            refused({{"rule", "a"}, {"host", "b"}, {"at", "2023-11-14"}}));
  EXPECT_EQ("`time` is none of rule, host, at", refused({{"time", "1"}}));
}

TEST(explain, is_json_whatever_names_hold) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const auto json = to_json(of_window({none, none, none, 70, none}, 103));
  const auto read = json_document::read(json);
  ASSERT_TRUE(read) << read.failure().message << json;
  const auto& root = read->root();
  EXPECT_EQ("hot \"<img>", root.find("rule")->value.find("name")->value.text);
  EXPECT_EQ("breach", root.find("verdict")->value.text);
  EXPECT_EQ("idle", root.find("state")->value.text);
  const auto& ticks = root.find("window")->value.find("ticks")->value.items;
  ASSERT_EQ(3u, ticks.size());
  EXPECT_EQ("before-first", ticks[0].find("why")->value.text);
  EXPECT_EQ(70, ticks[1].find("value")->value.number);
  EXPECT_EQ("slipped", ticks[2].find("why")->value.text);
}

TEST(explain, says_nothing_of_now_where_a_past_check_is_asked_for) {
  auto e = of_window({1, 2, 3}, 0);
  e.asked_at = true;
  const auto json = to_json(e);
  EXPECT_EQ(std::string::npos, json.find("\"state\":\"idle\""));
  EXPECT_EQ(std::string::npos, json.find("opensWhen"));
}

TEST(explain, notices_that_windows_say_otherwise_than_the_incident) {
  auto e = of_window({70, 80, 90}, 0);
  EXPECT_FALSE(e.contradicts_incident());
  e.open = {e.grid.end_ms(e.check), 90};
  EXPECT_FALSE(e.contradicts_incident());
  e.open->trigger_value = 80;
  EXPECT_TRUE(e.contradicts_incident());
  e.open->start_ms -= 1;
  EXPECT_FALSE(e.contradicts_incident()) << "it opened at another check";
}

TEST(rule_question, pages_and_state) {
  const auto q = read_rule_question(asking({{"state", "true"}, {"offset", "3"}, {"limit", "9"}}));
  ASSERT_TRUE(q);
  EXPECT_EQ(std::tuple(true, 3u, 9u), std::tuple(q->state, q->offset, q->limit));
  for (const auto& [name, value] : http::field_list{
           {"state", "1"}, {"limit", "0"}, {"limit", "1001"}, {"offset", "-1"}, {"name", "x"}})
    EXPECT_FALSE(read_rule_question(asking({{name, value}}))) << name;
}

TEST(incident_by_id, knows_what_can_be_an_id) {
  EXPECT_TRUE(is_incident_id("BSDFNSNstaGURMu36isd-_"));
  EXPECT_FALSE(is_incident_id("BSDFNSNstaGURMu36isd-"));
  EXPECT_FALSE(is_incident_id("BSDFNSNstaGURMu36is/.."));
  EXPECT_FALSE(is_incident_id(""));
}

} // namespace
} // namespace tocsin::explain_test
