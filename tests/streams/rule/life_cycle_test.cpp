#include "streams/rule/life_cycle.hpp"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

rule make_rule(std::string name, std::int64_t cooldown_ms = 0) {
  rule r;
  r.name = std::move(name);
  r.field = "cpu.usage";
  r.timeframe_ms = 60'000;
  r.cooldown_ms = cooldown_ms;
  return r;
}

// Three hosts under two rules; the second one has a cooldown of 30 s.
class life_cycle_test : public testing::Test {
protected:
  life_cycle_test() {
    for (const auto* name : {"b", "a", "\xef\xbd\x9e"})
      hosts.add(name);
  }
  verdict_change breach(rule_index r, host_index h, double value = 1) {
    return {r, h, true, true, value};
  }
  verdict_change clear(rule_index r, host_index h, bool any_value = true) {
    return {r, h, false, any_value, 0};
  }
  std::vector<incident_event> step(std::int64_t end_ms, std::vector<verdict_change> changes,
                                   std::vector<forgotten_host> forgotten = {}) {
    last = cycle.step(end_ms, forgotten, changes, hosts);
    return last.events;
  }

  rule_set rules{make_rule("first"), make_rule("second", 30'000)};
  host_table hosts{10};
  life_cycle cycle{rules, "tocsin"};
  tick_outcome last;
};

TEST(transition_table, holds_for_every_state_and_cause) {
  using s = pair_state;
  using c = pair_cause;
  const struct {
    s from;
    c cause;
    s to;
  } cells[] = {
      {s::idle, c::breach, s::open},          {s::idle, c::clear, s::idle},
      {s::idle, c::host_forgotten, s::idle},  {s::idle, c::rule_removed, s::idle},
      {s::open, c::breach, s::open},          {s::open, c::clear, s::cooling},
      {s::open, c::host_forgotten, s::idle},  {s::open, c::rule_removed, s::idle},
      {s::cooling, c::breach, s::cooling},    {s::cooling, c::clear, s::cooling},
      {s::cooling, c::host_forgotten, s::idle}, {s::cooling, c::rule_removed, s::idle},
  };
  for (const auto& cell : cells)
    EXPECT_EQ(next_state(cell.from, cell.cause), cell.to);
}

TEST_F(life_cycle_test, an_incident_opens_once_and_is_resolved_with_its_start_and_value) {
  const auto opened = step(10'000, {breach(0, 0, 61.5)});
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_TRUE(opened[0].opened);
  EXPECT_EQ(opened[0].host, "b");
  EXPECT_TRUE(cycle.open().test(0, 0));
  EXPECT_TRUE(step(20'000, {breach(0, 0, 99)}).empty());
  const auto resolved = step(30'000, {clear(0, 0)});
  ASSERT_EQ(resolved.size(), 1u);
  EXPECT_FALSE(resolved[0].opened);
  EXPECT_EQ(resolved[0].id, opened[0].id);
  EXPECT_EQ(resolved[0].start_ms, 10'000);
  EXPECT_EQ(resolved[0].end_ms, 30'000);
  EXPECT_EQ(resolved[0].trigger_value, 61.5);
  EXPECT_EQ(resolved[0].reason, resolution::recovered);
  EXPECT_EQ(cycle.open_count(), 0u);
}

TEST_F(life_cycle_test, a_window_without_values_resolves_with_no_data) {
  step(10'000, {breach(0, 0)});
  EXPECT_EQ(step(20'000, {clear(0, 0, false)}).at(0).reason, resolution::no_data);
}

TEST_F(life_cycle_test, an_incident_does_not_reopen_while_its_cooldown_runs) {
  step(10'000, {breach(1, 0)});
  EXPECT_EQ(step(20'000, {clear(1, 0)}).at(0).cooldown_until_ms, 50'000);
  EXPECT_TRUE(step(30'000, {breach(1, 0)}).empty());
  EXPECT_TRUE(step(40'000, {breach(1, 0)}).empty());
  EXPECT_TRUE(last.cooled.empty());
}

TEST_F(life_cycle_test, an_incident_opens_at_the_tick_at_which_its_cooldown_ends) {
  step(10'000, {breach(1, 0)});
  step(20'000, {clear(1, 0)});
  EXPECT_EQ(step(50'000, {breach(1, 0)}).size(), 1u);
  ASSERT_EQ(last.cooled.size(), 1u);
  EXPECT_EQ(last.cooled[0].rule, "second");
  EXPECT_EQ(last.cooled[0].host, "b");
}

TEST_F(life_cycle_test, without_a_cooldown_an_incident_reopens_at_the_next_check) {
  step(10'000, {breach(0, 0)});
  step(20'000, {clear(0, 0)});
  EXPECT_EQ(step(30'000, {breach(0, 0)}).size(), 1u);
}

TEST_F(life_cycle_test, events_are_ordered_by_kind_then_rule_then_bytes_of_the_host_name) {
  step(10'000, {breach(0, 0), breach(1, 0)});
  const auto events = step(20'000, {breach(1, 2), breach(1, 1), breach(0, 2), breach(0, 1),
                                    clear(1, 0), clear(0, 0)});
  std::vector<std::string> order;
  for (const auto& e : events)
    order.push_back((e.opened ? "+" : "-") + e.about.name + " " + e.host);
  EXPECT_EQ(order, (std::vector<std::string>{"-first b", "-second b", "+first a",
                                             "+first \xef\xbd\x9e", "+second a",
                                             "+second \xef\xbd\x9e"}));
}

TEST_F(life_cycle_test, a_forgotten_host_resolves_its_incidents_and_loses_its_cooldowns) {
  step(10'000, {breach(0, 0), breach(1, 0), breach(1, 1)});
  step(20'000, {clear(1, 0)});
  const auto events = step(30'000, {}, {{0, farewell::gone}, {1, farewell::expired}});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].about.name, "first");
  EXPECT_EQ(events[0].reason, resolution::host_gone);
  EXPECT_EQ(events[1].reason, resolution::host_expired);
  EXPECT_EQ(events[1].cooldown_until_ms, 0);
  ASSERT_EQ(last.cooled.size(), 1u);
  EXPECT_EQ(last.cooled[0].host, "b");
  EXPECT_EQ(step(40'000, {breach(1, 0), breach(1, 1)}).size(), 2u);
}

TEST_F(life_cycle_test, incidents_of_removed_rules_are_resolved_first_in_their_old_order) {
  step(10'000, {breach(0, 0)});
  cycle.restore_removed(make_rule("zeta"), "b", 1'000, 7);
  cycle.restore_removed(make_rule("zeta"), "a", 2'000, 8);
  cycle.restore_removed(make_rule("alpha"), "a", 3'000, 9);
  EXPECT_EQ(cycle.open_count(), 4u);
  const auto events = step(20'000, {clear(0, 0)});
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].about.name + events[0].host, "zetaa");
  EXPECT_EQ(events[1].about.name + events[1].host, "zetab");
  EXPECT_EQ(events[2].about.name, "alpha");
  EXPECT_EQ(events[2].reason, resolution::rule_removed);
  EXPECT_EQ(events[2].trigger_value, 9);
  EXPECT_EQ(events[3].about.name, "first");
  EXPECT_TRUE(step(30'000, {}).empty());
}

TEST_F(life_cycle_test, what_is_restored_goes_on_as_if_nothing_had_happened) {
  cycle.restore_open(0, 1, 5'000, 42);
  cycle.restore_cooldown(1, 1, 30'000);
  EXPECT_TRUE(step(20'000, {breach(0, 1), breach(1, 1)}).empty());
  const auto resolved = step(30'000, {clear(0, 1), breach(1, 1)});
  ASSERT_EQ(resolved.size(), 2u);
  EXPECT_EQ(resolved[0].start_ms, 5'000);
  EXPECT_EQ(resolved[0].id, incident_id("tocsin", "first", "a", 5'000));
  EXPECT_EQ(resolved[1].about.name, "second");
}

} // namespace
} // namespace tocsin
