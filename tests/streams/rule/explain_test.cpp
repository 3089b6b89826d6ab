#include "streams/rule/explain.hpp"

#include "streams/rule/explain_words.hpp"
#include "streams/rule/rule_tally.hpp"
#include "streams/rule/window_past.hpp"
#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::explain_test {

using namespace test;

namespace {

constexpr tick first = 1'000;
constexpr tick_grid grid{1'000, 500};
constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Random rules over random data: gaps, blind ticks, late values, hosts that go.
struct scenario {
  explicit scenario(std::uint64_t seed)
      : d(seed), check_ticks(d.one_of<std::int64_t>({1, 1, 2, 3})),
        hosts(d.between(1, seed % 20 == 0 ? 90 : 8)),
        plan(rules_of(d, seed % 40 == 0), grid, check_ticks),
        in(grid, {1'000, 16, 9'000}, plan.watched()), incidents(plan.rules(), "c") {
    in.begin(first);
  }

  static rule_set rules_of(dice& d, bool long_windows) {
    rule_set rules;
    for (int i = 0; i < 30; ++i) {
      rules.push_back(random_rule(d, 1'000, std::to_string(i)));
      if (long_windows) // a survey of several pieces per field
        rules.back().timeframe_ms = d.between(1, 200) * 1'000;
    }
    return rules;
  }

  void run_tick() {
    const auto n = in.next();
    for (std::int64_t i = 0; i < hosts; ++i) {
      std::vector<field_value> values;
      for (const auto& f : scenario_fields)
        if (d.percent(60))
          values.push_back({f, static_cast<double>(d.between(0, 24)) / (d.percent(50) ? 8 : 1)});
      const auto off = d.percent(15) ? d.between(-4'000, 1'999) : d.between(0, 999);
      if (!d.percent(25))
        in.apply({"host-" + std::to_string(i), n * 1'000 + off, true, d.percent(1), {}, values});
    }
    const auto gone = in.seal(d.percent(15));
    block_checker checker(plan, in.ring(), in.history(), incidents.open());
    std::vector<verdict_change> changes;
    checker.check(0, changes);
    incidents.step(grid.end_ms(n), gone, changes, in.hosts());
  }

  explained_check explain(rule_index r, host_index h) {
    const auto& rule = plan.rules()[r];
    const auto ticks = grid.window_ticks(rule.timeframe_ms);
    const auto n = in.next() - 1;
    past = read_past(in, *in.fields().find(rule.field), h, n - 210, n);
    return explain_check(rule, ticks, check_ticks, past, n);
  }

  dice d;
  std::int64_t check_ticks;
  std::int64_t hosts;
  rule_plan plan;
  intake in;
  life_cycle incidents;
  field_past past;
};

/// What block_checker says, verdict by verdict: asked once with no incident open, once with all.
struct verdict_table {
  explicit verdict_table(scenario& s) : open(s.plan.rules().size()) {
    for (const bool all_open : {false, true}) {
      for (rule_index r = 0; r < s.plan.rules().size(); ++r)
        open.writable(r, 0).fill(all_open ? ~0ull : 0);
      block_checker checker(s.plan, s.in.ring(), s.in.history(), open);
      checker.check(0, changes);
    }
    for (const auto& c : changes)
      found[{c.rule, c.host}] = c;
  }
  pair_bits open;
  std::vector<verdict_change> changes;
  std::map<std::pair<rule_index, host_index>, verdict_change> found;
};

void expect_as_engine(scenario& s, std::uint64_t seed, std::size_t& known) {
  const verdict_table engine(s);
  std::vector<rule_tally> tallies(s.plan.rules().size());
  for (rule_index r = 0; r < s.plan.rules().size(); ++r)
    for (host_index h = 0; h < s.in.hosts().extent(); ++h) {
      if (!s.in.hosts().at(h).known)
        continue;
      const auto e = s.explain(r, h);
      const auto it = engine.found.find({r, h});
      const auto& rule = s.plan.rules()[r];
      SCOPED_TRACE(fmt::format("seed {} rule {} {} host {} tick {}", seed, r,
                               name_of(rule.aggregate), h, e.at - first));
      ASSERT_EQ(it != engine.found.end(), e.verdict.has_value()) << name_of(e.reason);
      ASSERT_EQ(e.verdict.has_value(), e.reason == unknown_reason::none);
      ASSERT_FALSE(explain_words(rule, grid, e, s.past.first).empty());
      auto& t = tallies[r];
      t.open += s.incidents.open().test(r, h);
      t.cooling += s.incidents.cooling().test(r, h);
      if (e.at < s.past.first)
        continue;
      ++t.hosts;
      if (e.verdict) {
        ASSERT_EQ(*e.verdict, it->second.breach == 1);
        ASSERT_EQ(e.any_value, it->second.any_value == 1);
        if (e.any_value) {
          ASSERT_EQ(it->second.value, *e.value);
        }
        ++(*e.verdict ? t.breach : t.clear);
        ++known;
      }
      t.before_first += e.reason == unknown_reason::before_first;
      t.blind += e.reason == unknown_reason::blind;
      t.blind += e.reason == unknown_reason::more_than_half_missing;
      t.slipped += e.reason == unknown_reason::slipped;
      t.no_value += e.reason == unknown_reason::no_value;
      t.silent += e.reason == unknown_reason::newest_silent;
    }
  rule_survey survey(s.plan, [] { return std::int64_t{0}; });
  while (!survey.step(s.plan, s.in.ring(), s.in.history(), s.incidents, s.in.hosts().blocks())) {
  }
  for (rule_index r = 0; r < tallies.size(); ++r) {
    const auto &a = tallies[r], &b = survey.tallies()[r];
    ASSERT_EQ(std::tuple(a.hosts, a.breach, a.clear, a.before_first, a.blind, a.slipped, a.no_value,
                         a.silent, a.open, a.cooling),
              std::tuple(b.hosts, b.breach, b.clear, b.before_first, b.blind, b.slipped, b.no_value,
                         b.silent, b.open, b.cooling))
        << "seed " << seed << " rule " << r << " " << name_of(s.plan.rules()[r].aggregate);
  }
}

field_past past_of(std::vector<double> values, std::vector<bool> blind = {}, tick first_tick = 0) {
  blind.resize(values.size());
  return {100, std::move(values), std::move(blind), first_tick};
}

rule rule_of(aggregation a, double threshold, std::int64_t ticks,
             operand o = operand::equal_or_more_than) {
  rule r;
  r.name = "r";
  r.field = "cpu.usage";
  r.aggregate = a;
  r.compare = o;
  r.threshold = threshold;
  r.timeframe_ms = ticks * 10'000;
  return r;
}

std::string words_of(const rule& r, const field_past& past, tick n, std::int64_t check_ticks = 1) {
  const tick_grid ten{10'000, 1'000};
  return explain_words(
      r, ten, explain_check(r, ten.window_ticks(r.timeframe_ms), check_ticks, past, n), past.first);
}

} // namespace

TEST(explain_test, verdicts_values_and_counts_are_those_of_the_engine) {
  std::size_t known = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    scenario s(seed);
    const auto ticks = s.d.between(1, 14);
    for (std::int64_t i = 0; i < ticks; ++i)
      s.run_tick();
    expect_as_engine(s, seed, known);
    if (testing::Test::HasFatalFailure())
      return;
  }
  EXPECT_GT(known, 20'000u);
}

TEST(explain_test, verdicts_and_values_are_those_of_the_semantics_word_by_word) {
  std::array<std::size_t, 8> reasons{};
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    dice d(seed);
    auto r = random_rule(d, 1'000, "r");
    naive_host host;
    std::set<std::int64_t> blind;
    field_past past{100, {}, {}, tick_max};
    for (tick t = 100; t < 120; ++t) {
      const bool there = d.percent(55);
      past.values.push_back(there ? static_cast<double>(d.between(0, 24)) / 8 : none);
      past.blind.push_back(d.percent(25));
      if (there) {
        past.first = std::min(past.first, t);
        host.places[{r.field, t}] = past.values.back();
      }
      if (past.blind.back())
        blind.insert(t);
    }
    const auto n = d.between(107, 119);
    const auto check_ticks = d.one_of<std::int64_t>({1, 2, 3});
    const auto e = explain_check(r, r.window_ticks(1'000), check_ticks, past, n);
    ++reasons[static_cast<std::size_t>(e.reason)];
    if (past.first > n) {
      ASSERT_FALSE(e.verdict);
      continue;
    }
    host.first[r.field] = past.first;
    const auto j = naive_judge(r, host, n, blind, 1'000, check_ticks);
    ASSERT_EQ(j.verdict, e.verdict) << "seed " << seed;
    ASSERT_EQ(j.empty, !e.any_value);
    if (e.any_value) {
      ASSERT_EQ(j.value, *e.value) << "seed " << seed;
    }
  }
  for (const auto why : {unknown_reason::none, unknown_reason::before_first, unknown_reason::blind,
                         unknown_reason::slipped, unknown_reason::no_value,
                         unknown_reason::newest_silent, unknown_reason::more_than_half_missing})
    EXPECT_GT(reasons[static_cast<std::size_t>(why)], 15u) << name_of(why);
}

TEST(explain_test, says_what_the_value_is_and_what_is_needed) {
  const auto past = past_of({40, 44, 42});
  EXPECT_EQ("average of cpu.usage over the last 30 seconds was 42; 60 or more is needed",
            words_of(rule_of(aggregation::avg, 60, 3), past, 102));
  EXPECT_EQ("maximum of cpu.usage over the last 30 seconds was 44, which is 44 or more",
            words_of(rule_of(aggregation::max, 44, 3), past, 102));
  EXPECT_EQ("sum of cpu.usage over the last 20 seconds was 86; 5 or less is needed",
            words_of(rule_of(aggregation::sum, 5, 2, operand::equal_or_less_than), past, 102));
}

TEST(explain_test, numbers_have_six_digits_unless_more_tell_value_and_threshold_apart) {
  EXPECT_EQ("average of cpu.usage over the last 30 seconds was 42.3333; 60 or more is needed",
            words_of(rule_of(aggregation::avg, 60, 3), past_of({40, 44, 43}), 102));
  EXPECT_EQ("last value of cpu.usage over the last 10 seconds was 59.9999999; 60 or more is needed",
            words_of(rule_of(aggregation::last, 60, 1), past_of({59.9999999, 59.9999999}), 101));
  EXPECT_EQ(
      "last value of cpu.usage over the last 10 seconds was 60; 60.00000002 or more is needed",
      words_of(rule_of(aggregation::last, 60.00000002, 1), past_of({60, 60}), 101));
  EXPECT_EQ("average of cpu.usage over 1 minute is less than 33.3333; silence does not resolve it",
            resolves_when(rule_of(aggregation::avg, 100.0 / 3, 6)));
}

TEST(explain_test, one_minute_is_the_last_minute) {
  EXPECT_EQ("maximum of cpu.usage over the last minute was 70, which is 60 or more",
            words_of(rule_of(aggregation::max, 60, 6), past_of({70, 70, 70, 70, 70, 70}), 105));
}

TEST(explain_test, says_why_a_verdict_is_unknown) {
  const auto avg = rule_of(aggregation::avg, 60, 12);
  std::vector<double> young(20, none);
  std::fill(young.begin() + 16, young.end(), 70);
  EXPECT_EQ("the host has reported cpu.usage for 40 seconds only; the average needs the whole 2 "
            "minutes",
            words_of(avg, past_of(young, {}, 116), 119));
  EXPECT_EQ("the host has never reported cpu.usage",
            words_of(avg, past_of(std::vector<double>(20, none), {}, tick_max), 119));
  const auto last = rule_of(aggregation::last, 60, 1);
  EXPECT_TRUE(words_of(last, past_of({70, none}), 101).starts_with("no value came in the newest"));
  EXPECT_EQ("the host has not reported cpu.usage in the last 10 seconds, and silence is no "
            "recovery: nothing opens and nothing is resolved",
            words_of(last, past_of({70, none, none}), 102));
  EXPECT_TRUE(words_of(last, past_of({70, 70, none}, {false, false, true}), 102)
                  .starts_with("during 1 of the window's 1 tick nobody could write"));
}

TEST(explain_test, a_host_that_reports_less_often_than_rules_are_checked_is_not_waited_for) {
  const auto last = rule_of(aggregation::last, 60, 4);
  const auto seldom = past_of({70, none, 70, none, 70, none});
  EXPECT_TRUE(words_of(last, seldom, 105).starts_with("no value came in the newest tick, but one"));
  EXPECT_EQ("last value of cpu.usage over the last 40 seconds was 70, which is 60 or more",
            words_of(last, seldom, 105, 2));
  EXPECT_TRUE(words_of(last, past_of({70, 70, 70, none}), 103, 2)
                  .starts_with("no value came in the newest tick, but the host reported in the"));
  const auto young = past_of({none, none, 70, none}, {}, 102);
  EXPECT_TRUE(words_of(last, young, 103, 2).starts_with("no value came in the newest tick"));
}

TEST(explain_test, silence_since_the_check_before_is_what_keeps_a_sum_from_recovering) {
  const auto sum = rule_of(aggregation::sum, 9, 4);
  EXPECT_EQ("sum of cpu.usage over the last 40 seconds was 1; 9 or more is needed",
            words_of(sum, past_of({0, 1, none, 1, none, none}), 105, 3));
  const std::string quiet = "sum of cpu.usage over the last 40 seconds was 1, 9 or more is needed; "
                            "but the host did not report the field in ";
  EXPECT_EQ(quiet + "the 3 ticks since the check before, and silence is no recovery",
            words_of(sum, past_of({0, none, 1, none, none, none}), 105, 3));
  EXPECT_EQ(quiet + "the newest tick, and silence is no recovery",
            words_of(sum, past_of({0, none, 1, none, none, none}), 105));
}

TEST(explain_test, every_tick_of_the_window_says_what_it_is) {
  const auto e = explain_check(rule_of(aggregation::sum, 1, 6), 6, 1,
                               past_of({none, none, 3, none, none, 4, none},
                                       {false, false, false, true, false, false, false}, 102),
                               106);
  std::vector<tick_standing> standings;
  for (const auto& t : e.window)
    standings.push_back(t.standing);
  using s = tick_standing;
  EXPECT_EQ((std::vector{s::before_first, s::value, s::blind, s::silent, s::value, s::slipped}),
            standings);
  EXPECT_EQ(7, e.value);
}

TEST(explain_test, says_what_resolves_and_what_opens) {
  auto r = rule_of(aggregation::avg, 60, 12);
  EXPECT_EQ("average of cpu.usage over 2 minutes is less than 60; silence does not resolve it",
            resolves_when(r));
  r.on_no_data = no_data::resolve;
  EXPECT_EQ("average of cpu.usage over 2 minutes is less than 60, or the host does not report "
            "cpu.usage for 2 minutes",
            resolves_when(r));
  EXPECT_EQ("sum of cpu.usage over 10 seconds is more than 0",
            resolves_when(rule_of(aggregation::sum, 0, 1, operand::equal_or_less_than)));
  EXPECT_EQ("average of cpu.usage over 2 minutes is 60 or more", opens_when(r, std::nullopt));
  EXPECT_EQ("average of cpu.usage over 2 minutes is 60 or more at a check at or after "
            "2023-11-14T22:13:20.000Z, when the cooldown ends",
            opens_when(r, 1'700'000'000'000));
}

} // namespace tocsin::explain_test
