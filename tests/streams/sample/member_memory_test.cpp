#include "streams/sample/member_memory.hpp"

#include "tests/support/colliding_names.hpp"

#include <gtest/gtest.h>
#include <string>

namespace tocsin::member_memory_test {
namespace {

constexpr std::int64_t now = 1'700'000'000'000;
constexpr std::int64_t interval = 10'000;

TEST(member_memory, knows_what_was_added_until_it_is_below_what_is_read) {
  member_memory m;
  m.add("a", 10);
  m.add("b", 20);
  EXPECT_TRUE(m.knows("a"));
  EXPECT_FALSE(m.knows("c"));
  m.forget_below(20);
  EXPECT_FALSE(m.knows("a"));
  EXPECT_TRUE(m.knows("b"));
}

TEST(member_memory, names_that_were_made_to_collide_cost_what_others_do) {
  const auto take = [](const std::vector<std::string>& members) {
    member_memory m;
    for (const auto& one : members)
      m.add(one, 1);
  };
  constexpr std::size_t n = 20'000;
  const auto hostile = names_of_one_name_hash(n), plain = names_of_no_pattern(n);
  const auto usual = cpu_seconds([&] { take(plain); });
  EXPECT_LT(cpu_seconds([&] { take(hostile); }), 10 * usual + 0.05);
}

TEST(member_memory, is_bounded) {
  member_memory m;
  for (std::size_t i = 0; i < member_memory::most + 10; ++i)
    m.add(std::to_string(i), 1);
  EXPECT_EQ(m.size(), member_memory::most);
  EXPECT_TRUE(m.knows("0"));
  EXPECT_FALSE(m.knows(std::to_string(member_memory::most + 1)));
}

TEST(score_plan, reads_all_of_two_minutes_once_an_interval_and_else_what_is_new) {
  score_plan plan(interval);
  EXPECT_EQ(plan.from(now), now - score_plan::whole_ms);
  plan.done(now);
  EXPECT_EQ(plan.from(now + 500), now + 500 - score_plan::recent_ms);
  plan.done(now + 500);
  EXPECT_EQ(plan.from(now + interval - 1), now + interval - 1 - score_plan::recent_ms);
  EXPECT_EQ(plan.from(now + interval), now - score_plan::whole_ms) << "from the last whole one on";
  plan.done(now + interval);
  EXPECT_EQ(plan.from(now + 2 * interval), now + interval - score_plan::whole_ms);
}

TEST(score_plan, goes_back_to_where_it_was_after_failures_but_not_for_ever) {
  score_plan plan(interval);
  plan.done(now);
  plan.failed();
  EXPECT_EQ(plan.from(now + 100), now - score_plan::whole_ms);
  EXPECT_EQ(plan.from(now + 600'000), now - score_plan::whole_ms);
  const auto late = now + 2 * score_plan::longest_ms;
  EXPECT_EQ(plan.from(late), late - score_plan::longest_ms);
  plan.done(late);
  EXPECT_EQ(plan.from(late + 1), late + 1 - score_plan::recent_ms);
}

TEST(score_plan, a_clock_that_is_set_back_is_followed) {
  score_plan plan(interval);
  plan.done(now);
  EXPECT_EQ(plan.from(now - 50'000), now - 50'000 - score_plan::whole_ms);
}

} // namespace
} // namespace tocsin::member_memory_test
