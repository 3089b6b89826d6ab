#include "actors/api/live_rules.hpp"

#include <gtest/gtest.h>

namespace tocsin::live_rules_test {
namespace {

settings with_rules(const char* name) {
  settings s;
  s.rules = {rule{.name = name, .field = "x", .timeframe_ms = 1}};
  return s;
}

TEST(live_rules, are_those_of_the_file_until_others_are_taken_up) {
  const auto ours = with_rules("ours"), theirs = with_rules("theirs");
  live_rules rules(ours, 7);
  const auto first = rules.get();
  EXPECT_EQ(first->rules, ours.rules);
  EXPECT_EQ(first->since_ms, 7);
  EXPECT_EQ(first->source, rules_source::file);

  rules.take_up(theirs.rules, 9);
  EXPECT_EQ(rules.get()->rules, theirs.rules);
  EXPECT_EQ(rules.get()->since_ms, 9);
  EXPECT_EQ(rules.get()->source, rules_source::cluster);
  EXPECT_NE(rules.get()->hash, first->hash);
  EXPECT_EQ(*rules.of_file(), ours.rules);
  EXPECT_EQ(first->rules, ours.rules) << "what was given stays";
}

TEST(live_rules, taken_up_twice_have_been_there_since_the_first_time) {
  live_rules rules(with_rules("a"), 7);
  EXPECT_FALSE(rules.take_up(with_rules("a").rules, 9));
  EXPECT_EQ(rules.get()->since_ms, 7);
  EXPECT_TRUE(rules.take_up({}, 9));
  EXPECT_EQ(rules.get()->since_ms, 9);
}

TEST(live_rules, are_the_files_as_soon_as_the_file_says_the_same) {
  const auto theirs = with_rules("theirs");
  live_rules rules(with_rules("ours"), 7);
  rules.take_up(theirs.rules, 9);
  rules.set_of_file(std::make_shared<const rule_set>(theirs.rules));
  EXPECT_EQ(rules.get()->source, rules_source::file);
  EXPECT_EQ(rules.get()->since_ms, 9);
  rules.set_of_file(std::make_shared<const rule_set>());
  EXPECT_EQ(rules.get()->source, rules_source::cluster);
}

TEST(live_rules, tell_how_the_last_reload_ended) {
  live_rules rules(with_rules("a"), 7);
  EXPECT_FALSE(rules.reloaded());
  rules.note({8, "failed", "why"});
  ASSERT_TRUE(rules.reloaded());
  EXPECT_EQ(rules.reloaded()->message, "why");
}

} // namespace
} // namespace tocsin::live_rules_test
