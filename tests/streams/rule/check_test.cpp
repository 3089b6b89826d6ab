#include "streams/rule/check.hpp"

#include "bench/reference/scan_checker.hpp"
#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::check_test {

using namespace test;

namespace {

constexpr tick first = 1'000;

/// How a run's data look.
struct texture {
  std::size_t hosts;
  std::int64_t samples_per_tick;
  bool every_host_reports = false;
  bool wild_values = false; ///< sums that no pair of doubles holds
  std::int64_t longest = 6;
  std::int64_t check_ticks = 1;
};

rule_set rules_of(dice& d, const texture& t) {
  rule_set rules;
  for (int i = 0; i < 40; ++i) {
    auto r = random_rule(d, 1'000, std::to_string(i));
    r.timeframe_ms = d.between(1, t.longest) * 1'000;
    if (t.wild_values && d.percent(20))
      r.threshold = d.one_of<double>({0, 1e-290, -1e-290, 1e299, 1e305, 5e-324});
    rules.push_back(r);
  }
  return rules;
}

double value_of(dice& d, const texture& t) {
  if (t.wild_values && d.percent(30))
    return d.one_of<double>({1e300, -1e300, 1e-290, 0.1, 1e17, -1e17, 3.3e-5});
  return static_cast<double>(d.between(0, 100)) / d.one_of<double>({1, 4, 10, 100});
}

struct run {
  run(std::uint64_t seed, const texture& t)
      : look(t), d(seed), plan(rules_of(d, t), grid, t.check_ticks),
        in(grid, {t.hosts + 1'000, 16, (t.longest + 4) * 1'000}, plan.watched()),
        open(plan.rules().size()) {
    in.begin(first);
  }

  void report(const std::string& name, std::int64_t ts_ms) {
    const field_value values[] = {{d.one_of(scenario_fields), value_of(d, look)},
                                  {d.one_of(scenario_fields), value_of(d, look)}};
    in.apply({name, ts_ms, true, d.percent(look.every_host_reports ? 0 : 1), {}, values});
  }
  void report_whole(std::size_t host, tick n) {
    std::vector<field_value> values;
    for (const auto& f : scenario_fields)
      values.push_back({f, value_of(d, look)});
    in.apply({"host-" + std::to_string(host), n * 1'000, true, false, {}, values});
  }
  void take_samples(tick n) {
    if (look.every_host_reports)
      for (std::size_t h = 0; h < look.hosts; ++h)
        if (!d.percent(n % 5 == 0 ? 1 : 0))
          report_whole(h, n);
    for (std::int64_t i = 0; i < look.samples_per_tick; ++i)
      report("host-" + std::to_string(d.below(static_cast<std::int64_t>(look.hosts))),
             n * 1'000 + d.between(-4'000, 1'999));
  }

  texture look;
  dice d;
  tick_grid grid{1'000, 500};
  rule_plan plan;
  intake in;
  pair_bits open;
};

void expect_equal(const std::vector<verdict_change>& a, const std::vector<verdict_change>& b,
                  const rule_plan& plan) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::tuple(a[i].rule, +a[i].host, +a[i].breach, +a[i].any_value, a[i].value),
              std::tuple(b[i].rule, +b[i].host, +b[i].breach, +b[i].any_value, b[i].value))
        << name_of(plan.rules()[a[i].rule].aggregate);
}

/// Checks every tick twice and compares; returns how many changes there were.
std::size_t compare_run(std::uint64_t seed, const texture& t, tick ticks,
                        std::int64_t skip_percent) {
  run r(seed, t);
  block_checker sliding(r.plan, r.in.ring(), r.in.history(), r.open);
  scan_checker plain(r.plan, r.in.ring(), r.in.history(), r.open);
  std::vector<verdict_change> a, b;
  std::size_t total = 0;
  for (tick n = first; n < first + ticks; ++n) {
    r.take_samples(n);
    const bool outage = r.d.percent(10);
    for (const auto& f : r.in.seal(outage))
      for (rule_index i = 0; i < r.plan.rules().size(); ++i)
        r.open.set(i, f.host, false);
    if ((n + 1) % t.check_ticks != 0 || r.d.percent(skip_percent))
      continue;
    a.clear();
    b.clear();
    for (std::size_t block = 0; block < r.in.hosts().blocks(); ++block) {
      sliding.check(block, a);
      plain.check(block, b);
    }
    expect_equal(a, b, r.plan);
    if (testing::Test::HasFatalFailure()) {
      ADD_FAILURE() << "tick " << n - first << " seed " << seed;
      return 0;
    }
    for (const auto& c : a)
      if (r.d.percent(90)) // as if the rest were cooling down
        r.open.set(c.rule, c.host, c.breach);
    total += a.size();
  }
  return total;
}

} // namespace

TEST(check_test, sliding_state_finds_what_a_scan_of_every_window_finds) {
  std::size_t total = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    total += compare_run(seed, {.hosts = 1'300, .samples_per_tick = 900}, 40, 0);
  EXPECT_GT(total, 10'000u);
}

TEST(check_test, hosts_that_report_at_every_tick_take_the_short_path_to_the_same_end) {
  std::size_t total = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    total += compare_run(seed, {.hosts = 1'100, .samples_per_tick = 20, .every_host_reports = true},
                         40, 0);
  EXPECT_GT(total, 10'000u);
}

TEST(check_test, rules_that_are_not_checked_at_every_tick_find_the_same) {
  std::size_t total = 0;
  for (const std::int64_t every : {2, 3, 5})
    for (const std::int64_t longest : {1, 2, 6})
      total += compare_run(
          static_cast<std::uint64_t>(every),
          {.hosts = 200, .samples_per_tick = 250, .longest = longest, .check_ticks = every}, 60, 0);
  EXPECT_GT(total, 5'000u);
}

TEST(check_test, sums_that_no_pair_holds_are_judged_all_the_same) {
  std::size_t total = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    total += compare_run(
        seed, {.hosts = 300, .samples_per_tick = 700, .wild_values = true, .longest = 12}, 50, 0);
  EXPECT_GT(total, 5'000u);
}

TEST(check_test, windows_of_more_than_255_ticks) {
  EXPECT_GT(compare_run(1, {.hosts = 70, .samples_per_tick = 60, .longest = 400}, 900, 0), 500u);
}

TEST(check_test, a_check_after_ticks_without_one_sees_the_same) {
  std::size_t total = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    total += compare_run(seed, {.hosts = 500, .samples_per_tick = 400}, 60, 50);
  EXPECT_GT(total, 2'000u);
}

TEST(check_test, a_host_whose_first_tick_lay_ahead_at_the_last_check_has_started_at_the_next) {
  const tick_grid grid{1'000, 500};
  rule r;
  r.name = r.field = "x";
  r.aggregate = aggregation::last;
  r.timeframe_ms = 1'000;
  const rule_plan plan({r}, grid);
  intake in(grid, {2'000, 16, 60'000}, plan.watched());
  in.begin(first);
  const pair_bits open(1);
  block_checker checker(plan, in.ring(), in.history(), open);
  std::vector<verdict_change> found;
  const field_value values[] = {{"x", 1.0}};
  in.apply({"old", first * 1'000, true, false, {}, values});
  in.apply({"young", (first + 1) * 1'000, true, false, {}, values});
  in.seal(false);
  checker.check(0, found);
  EXPECT_EQ(found.size(), 1u);
  in.seal(false);
  in.apply({"young", (first + 2) * 1'000, true, false, {}, values});
  in.seal(false);
  found.clear();
  checker.check(0, found);
  EXPECT_EQ(found.size(), 1u);
}

TEST(check_test, every_instruction_set_finds_the_same) {
  for (const auto target : column_ops::targets()) {
    column_ops::use_target(target);
    SCOPED_TRACE(std::string(column_ops::target()));
    EXPECT_GT(compare_run(9, {.hosts = 300, .samples_per_tick = 300, .wild_values = true}, 30, 10),
              500u);
  }
  column_ops::use_target(0);
}

} // namespace tocsin::check_test
