#include "actors/metrics/stages.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace tocsin::stages_test {
namespace {

stage::standing of(const stages& all, const std::string& name, std::int64_t now_ms) {
  for (const auto& one : all.look(now_ms))
    if (one.name == name)
      return one.is;
  ADD_FAILURE() << name << " is not among them";
  return {};
}

TEST(stage, stands_still_from_the_time_on_by_which_it_owed_a_step) {
  stage s;
  EXPECT_EQ(0, s.look(1'000'000).stuck_ms) << "it owes nothing";
  s.owes(1'000, "it waits for the log");
  EXPECT_EQ(0, s.look(900).stuck_ms);
  EXPECT_EQ("", s.look(900).why);
  EXPECT_EQ(500, s.look(1'500).stuck_ms);
  EXPECT_EQ("it waits for the log", s.look(1'500).why);
  s.owes(1'400, "it waits for a commit");
  EXPECT_EQ(500, s.look(1'500).stuck_ms) << "the step of before is still owed";
  EXPECT_EQ("it waits for a commit", s.look(1'500).why);
  s.rests();
  EXPECT_EQ(0, s.look(9'000).stuck_ms);
}

TEST(stage, is_refused_since_the_first_time_and_a_retry_changes_nothing) {
  stage s;
  s.refused(1'000, "NOPERM");
  s.owes(1'100, "Redis has not answered");
  s.refused(2'000, "WRONGTYPE");
  EXPECT_EQ(2'000, s.look(3'000).stuck_ms);
  EXPECT_EQ("WRONGTYPE", s.look(3'000).refusal()) << "the last word counts";
  s.rests();
  EXPECT_EQ("", s.look(4'000).why);
}

TEST(stages, say_which_vital_part_has_stood_longest_once_patience_ends) {
  stages all;
  all.evaluate(true);
  all.janitor.refused(0, "a janitor is not vital");
  all.aggregator.owes(3'000, "ticks wait for their commit");
  all.committer.refused(1'000, "script: NOPERM");
  EXPECT_EQ("", all.trouble(1'000 + stages::patience_ms - 1));
  EXPECT_EQ("the committer has stood still for 7 seconds: script: NOPERM", all.trouble(8'400));
  all.evaluate(false);
  EXPECT_EQ("", all.trouble(8'400));
  all.committer.refused(8'500, "what an actor that ends says");
  EXPECT_EQ(0, of(all, "committer", 9'000).stuck_ms);
}

TEST(stages, know_their_sinks_as_long_as_these_live) {
  stages all;
  auto sink = all.add_sink("webhook:a");
  sink->refused(0, "answered 500");
  EXPECT_EQ(5'000, of(all, "webhook:a", 5'000).stuck_ms);
  EXPECT_EQ("", all.trouble(5'000)) << "alerting goes on";
  sink.reset();
  EXPECT_EQ(7u, all.look(5'000).size());
}

TEST(stages, are_metrics_that_grow_while_nobody_moves) {
  static std::int64_t now = 0;
  const auto all = std::make_shared<stages>();
  metric_registry registry;
  expose_stages(registry, all, [] { return now; });
  all->evaluate(true);
  all->lag.due(1'000);
  all->committer.refused(2'000, "NOPERM");
  const auto sink = all->add_sink("hooks");
  sink->owes(4'000, "it is handing on events");
  for (now = 5'000; now <= 9'000; now += 4'000) {
    const auto text = registry.expose();
    const auto has = [&](const char* line, std::int64_t ms) {
      const auto whole = std::string(line) + " " + std::to_string(ms / 1'000) + "\n";
      EXPECT_NE(std::string::npos, text.find(whole)) << whole << text;
    };
    has("tocsin_tick_lag_seconds", now - 1'000);
    has("tocsin_stage_stuck_seconds{stage=\"committer\"}", now - 2'000);
    has("tocsin_stage_stuck_seconds{stage=\"sinks\"}", now - 4'000);
    has("tocsin_stage_stuck_seconds{stage=\"reader\"}", 0);
  }
  all->lag.clear();
  EXPECT_EQ(0, all->lag.ms(now));
}

} // namespace
} // namespace tocsin::stages_test
