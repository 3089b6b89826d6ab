#include "streams/rule/life_cycle.hpp"

#include "tests/support/naive_life_cycle.hpp"

#include <gtest/gtest.h>

namespace tocsin::life_cycle_test {

using test::plain_outcome;

namespace {

rule named(std::string name, std::int64_t cooldown_ms = 0) {
  rule r;
  r.name = std::move(name);
  r.field = "x";
  r.cooldown_ms = cooldown_ms;
  return r;
}

struct fixture {
  explicit fixture(rule_set rules) : cycle(rules, "tocsin") {
    for (const auto* name : {"b", "a", "c"})
      hosts.add(name); // 0: b, 1: a, 2: c
  }
  plain_outcome step(std::int64_t end_ms, std::vector<verdict_change> changes,
                     std::vector<forgotten_host> forgotten = {}) {
    return plain_outcome(cycle.step(end_ms, forgotten, changes, hosts));
  }
  static std::string brief(const plain_outcome& o) {
    std::string out;
    for (const auto& e : o.events)
      out += (e.opened ? "+" : "-") + e.about.name + "@" + e.host +
             (e.opened ? "" : ":" + std::string(to_string(e.reason))) + " ";
    return out;
  }
  life_cycle cycle;
  host_table hosts{100};
};

verdict_change breach(rule_index r, host_index h, double v = 1) {
  return {v, r, h & host_index_max, true, true};
}
verdict_change clear(rule_index r, host_index h, bool any = true) {
  return {0, r, h & host_index_max, false, any};
}

} // namespace

TEST(life_cycle_test, every_cell_of_the_transition_table) {
  using s = pair_state;
  using c = pair_cause;
  const struct {
    s from;
    c cause;
    s to;
  } table[] = {{s::idle, c::breach, s::open},
               {s::idle, c::clear, s::idle},
               {s::idle, c::host_forgotten, s::idle},
               {s::idle, c::rule_removed, s::idle},
               {s::open, c::breach, s::open},
               {s::open, c::clear, s::cooling},
               {s::open, c::host_forgotten, s::idle},
               {s::open, c::rule_removed, s::idle},
               {s::cooling, c::breach, s::cooling},
               {s::cooling, c::clear, s::cooling},
               {s::cooling, c::host_forgotten, s::idle},
               {s::cooling, c::rule_removed, s::idle}};
  for (const auto& cell : table)
    EXPECT_EQ(next_state(cell.from, cell.cause), cell.to)
        << static_cast<int>(cell.from) << " " << static_cast<int>(cell.cause);
}

TEST(life_cycle_test, an_incident_keeps_its_start_and_the_value_that_opened_it) {
  fixture f({named("r")});
  const auto opened = f.step(1'000, {breach(0, 0, 7)});
  ASSERT_EQ(opened.events.size(), 1u);
  EXPECT_TRUE(f.cycle.open().test(0, 0));
  EXPECT_TRUE(f.step(2'000, {breach(0, 0, 9)}).events.empty());
  const auto resolved = f.step(3'000, {clear(0, 0)});
  ASSERT_EQ(resolved.events.size(), 1u);
  const auto& e = resolved.events[0];
  EXPECT_EQ(e.id, opened.events[0].id);
  EXPECT_EQ(e.start_ms, 1'000);
  EXPECT_EQ(e.end_ms, 3'000);
  EXPECT_EQ(e.trigger_value, 7);
  EXPECT_EQ(e.reason, resolution::recovered);
  EXPECT_EQ(e.cooldown_until_ms, 0);
  EXPECT_EQ(f.cycle.open_count(), 0u);
}

TEST(life_cycle_test, a_window_without_any_value_resolves_for_no_data) {
  fixture f({named("r")});
  f.step(1'000, {breach(0, 0)});
  EXPECT_EQ(fixture::brief(f.step(2'000, {clear(0, 0, false)})), "-r@b:no-data ");
}

TEST(life_cycle_test, an_incident_does_not_reopen_while_its_cooldown_runs_and_does_at_its_end) {
  fixture f({named("r", 2'000)});
  f.step(1'000, {breach(0, 0)});
  EXPECT_EQ(f.step(2'000, {clear(0, 0)}).events[0].cooldown_until_ms, 4'000);
  EXPECT_TRUE(f.step(3'000, {breach(0, 0)}).events.empty());
  EXPECT_TRUE(f.step(3'999, {breach(0, 0)}).cooled.empty());
  const auto at_end = f.step(4'000, {breach(0, 0)});
  EXPECT_EQ(fixture::brief(at_end), "+r@b ");
  ASSERT_EQ(at_end.cooled.size(), 1u);
  EXPECT_EQ(at_end.cooled[0].rule, "r");
  EXPECT_EQ(at_end.cooled[0].host, "b");
}

TEST(life_cycle_test, without_a_cooldown_it_reopens_at_the_next_check) {
  fixture f({named("r")});
  f.step(1'000, {breach(0, 0)});
  f.step(2'000, {clear(0, 0)});
  EXPECT_EQ(fixture::brief(f.step(3'000, {breach(0, 0)})), "+r@b ");
}

TEST(life_cycle_test, events_stand_resolved_first_then_by_rule_then_by_host) {
  fixture f({named("z"), named("y")});
  f.cycle.restore_removed({named("old 2"), "b", 500, 1});
  f.cycle.restore_removed({named("old 2"), "c", 500, 1});
  f.cycle.restore_removed({named("old 1"), "a", 500, 1});
  f.step(900, {}); // nothing but the removed ones
  f.cycle.restore_removed({named("old 2"), "b", 500, 1});
  f.cycle.restore_removed({named("old 1"), "a", 500, 1});
  f.cycle.restore_open(0, 0, 500, 1);
  f.cycle.restore_open(1, 1, 500, 1);
  f.cycle.restore_open(1, 2, 500, 1);
  EXPECT_EQ(f.cycle.open_count(), 5u);
  EXPECT_EQ(
      fixture::brief(f.step(1'000,
                            {breach(1, 0), breach(0, 2), breach(0, 1), clear(1, 1), clear(0, 0)},
                            {{2, farewell::expired}})),
      "-old 2@b:rule-removed -old 1@a:rule-removed -z@b:recovered -y@a:recovered -y@c:host-expired "
      "+z@a +z@c +y@b ");
  EXPECT_EQ(f.cycle.open_count(), 3u);
}

TEST(life_cycle_test, hosts_are_ordered_by_bytes) {
  fixture f({named("r")});
  const auto e = *f.hosts.add("\xc3\xa9"), z = *f.hosts.add("z"), capital = *f.hosts.add("Z");
  EXPECT_EQ(fixture::brief(f.step(1'000, {breach(0, e), breach(0, z), breach(0, capital)})),
            "+r@Z +r@z +r@\xc3\xa9 ");
}

TEST(life_cycle_test, a_forgotten_host_takes_its_incidents_and_cooldowns_along) {
  fixture f({named("r", 9'000), named("s")});
  f.step(1'000, {breach(0, 0), breach(1, 0)});
  f.step(2'000, {clear(0, 0)});
  const auto gone = f.step(3'000, {}, {{0, farewell::gone}});
  EXPECT_EQ(fixture::brief(gone), "-s@b:host-gone ");
  ASSERT_EQ(gone.cooled.size(), 1u);
  EXPECT_EQ(fixture::brief(f.step(4'000, {breach(0, 0)})), "+r@b ");
}

TEST(life_cycle_test, what_is_restored_goes_on) {
  fixture f({named("r", 5'000)});
  f.cycle.restore_open(0, 0, 1'000, 3);
  f.cycle.restore_cooldown(0, 1, 5'000);
  f.cycle.restore_forgotten_cooldown({"old", "x"});
  const auto first = f.step(4'000, {breach(0, 1), clear(0, 0)});
  EXPECT_EQ(fixture::brief(first), "-r@b:recovered ");
  EXPECT_EQ(first.events[0].id, incident_id("tocsin", "r", "b", 1'000));
  EXPECT_EQ(first.events[0].trigger_value, 3);
  ASSERT_EQ(first.cooled.size(), 1u);
  EXPECT_EQ(first.cooled[0].rule, "old");
  EXPECT_EQ(f.step(5'000, {breach(0, 1)}).events.size(), 1u);
}

} // namespace tocsin::life_cycle_test
