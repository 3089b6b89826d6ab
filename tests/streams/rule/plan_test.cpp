#include "streams/rule/plan.hpp"

#include <gtest/gtest.h>

namespace tocsin::plan_test {
namespace {

rule make_rule(std::string field, aggregation a, std::int64_t timeframe_ms) {
  rule r;
  r.name = field + std::to_string(timeframe_ms);
  r.field = std::move(field);
  r.aggregate = a;
  r.timeframe_ms = timeframe_ms;
  return r;
}

constexpr tick_grid grid{10'000, 1'000};

TEST(rule_plan_test, rules_on_one_field_aggregation_and_timeframe_share_a_column) {
  const rule_plan plan({make_rule("a", aggregation::avg, 60'000),
                        make_rule("a", aggregation::avg, 60'000),
                        make_rule("a", aggregation::avg, 55'001), // six ticks as well
                        make_rule("a", aggregation::max, 60'000)},
                       grid);
  EXPECT_EQ(plan.columns(), 2u);
  ASSERT_EQ(plan.fields().size(), 1u);
  ASSERT_EQ(plan.fields()[0].windows.size(), 1u);
  EXPECT_EQ(plan.fields()[0].windows[0].ticks, 6);
  const auto& checks = plan.fields()[0].windows[0].columns[0].checks;
  ASSERT_EQ(checks.size(), 3u);
  for (rule_index r = 0; r < 3; ++r)
    EXPECT_EQ(checks[r].rule, r);
}

TEST(rule_plan_test, windows_of_a_field_ascend_and_say_what_they_need) {
  const rule_plan plan({make_rule("b", aggregation::last, 600'000),
                        make_rule("b", aggregation::count, 10'000),
                        make_rule("a", aggregation::min, 20'000)},
                       grid);
  ASSERT_EQ(plan.fields().size(), 2u);
  EXPECT_EQ(plan.fields()[0].name, "a");
  EXPECT_EQ(plan.fields()[0].countdowns, (std::vector<std::int64_t>{2}));
  EXPECT_FALSE(plan.fields()[0].windows[0].summed);
  EXPECT_TRUE(plan.fields()[1].countdowns.empty());
  EXPECT_FALSE(plan.fields()[1].windows.back().summed);
  EXPECT_EQ(plan.fields()[1].windows.front().ticks, 1);
  EXPECT_EQ(plan.fields()[1].windows.back().ticks, 60);
  EXPECT_EQ(plan.longest_window(), 60);
}

TEST(rule_plan_test, watched_fields_stand_in_the_order_of_their_indexes) {
  const rule_plan plan(
      {make_rule("z", aggregation::sum, 30'000), make_rule("y", aggregation::sum, 20'000)}, grid);
  const auto watched = plan.watched();
  ASSERT_EQ(watched.size(), 2u);
  EXPECT_EQ(watched[0].name, "y");
  EXPECT_EQ(watched[0].window_ticks, 2);
  EXPECT_EQ(watched[1].name, "z");
}

TEST(rule_plan_test, no_rules_need_nothing) {
  const rule_plan plan({}, grid);
  EXPECT_TRUE(plan.fields().empty());
  EXPECT_EQ(plan.longest_window(), 1);
}

} // namespace
} // namespace tocsin::plan_test
