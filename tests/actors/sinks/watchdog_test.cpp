#include "actors/sinks/watchdog.hpp"

#include <gtest/gtest.h>

namespace tocsin::watchdog_test {
namespace {

constexpr evaluation_facts fine = {.owns = true,
                                   .caught_up = true,
                                   .alerting = true,
                                   .redis_answers = true,
                                   .takes_samples = true,
                                   .lag_ms = 0};

TEST(watchdog, an_engine_evaluates_only_where_nothing_is_in_the_way) {
  EXPECT_TRUE(evaluates(fine));
  for (const auto without :
       {&evaluation_facts::owns, &evaluation_facts::caught_up, &evaluation_facts::alerting,
        &evaluation_facts::redis_answers, &evaluation_facts::takes_samples}) {
    auto facts = fine;
    facts.*without = false;
    EXPECT_FALSE(evaluates(facts));
  }
}

TEST(watchdog, an_engine_whose_oldest_tick_is_late_does_not) {
  auto facts = fine;
  facts.lag_ms = evaluation_lag_max_ms;
  EXPECT_TRUE(evaluates(facts));
  ++facts.lag_ms;
  EXPECT_FALSE(evaluates(facts));
}

TEST(watchdog_round, is_told_at_once_and_once_an_interval) {
  watchdog_round round({"c", 60'000, [] { return true; }});
  EXPECT_TRUE(round.step(1'000));
  EXPECT_EQ(round.due_ms(), 61'000);
  EXPECT_FALSE(round.step(60'999));
  EXPECT_TRUE(round.step(61'500));
  EXPECT_EQ(round.due_ms(), 121'500);
}

TEST(watchdog_round, is_silent_while_nothing_is_evaluated_and_looks_again_soon) {
  bool lives = false;
  watchdog_round round({"c", 60'000, [&] { return lives; }});
  EXPECT_FALSE(round.step(1'000));
  EXPECT_EQ(round.due_ms(), 3'000);
  EXPECT_FALSE(round.step(3'000));
  lives = true;
  EXPECT_TRUE(round.step(5'000));
  lives = false;
  EXPECT_FALSE(round.step(65'000));
}

TEST(watchdog_round, that_is_off_is_never_due) {
  watchdog_round round({"c", 60'000, {}});
  EXPECT_FALSE(round.step(1'000));
  EXPECT_EQ(round.due_ms(), INT64_MAX);
}

} // namespace
} // namespace tocsin::watchdog_test
