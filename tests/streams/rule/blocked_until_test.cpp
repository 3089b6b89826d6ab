#include "streams/rule/blocked_until.hpp"

#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::blocked_until_test {

using namespace test;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

// What a value of every tick to come must be for this verdict.
double deciding_value(const rule& r, bool verdict) {
  const bool large = verdict == (r.compare == operand::equal_or_more_than);
  return large ? r.threshold + 1e6 : r.threshold - 1e6;
}

// The first check from which on the verdict is known again, found by making the checks: a count
// cannot be decided by values, so it is asked for known verdicts only.
std::optional<tick> first_known(const rule& r, std::int64_t window, std::int64_t watch,
                                field_past past, tick n, bool verdict) {
  for (auto m = n + 1; m <= n + window + watch; ++m) {
    past.values.push_back(deciding_value(r, verdict));
    past.blind.push_back(false);
    if ((m + 1) % watch == 0 && explain_check(r, window, watch, past, m).verdict == verdict)
      return m;
  }
  return std::nullopt;
}

} // namespace

TEST(blocked_until, is_when_the_last_blind_tick_has_left_the_window) {
  rule r;
  r.aggregate = aggregation::max;
  r.threshold = 60;
  const field_past past{100, {1, none, none, 2, 3}, {false, true, true, false, false}, 0};
  const auto check = explain_check(r, 5, 1, past, 104);
  ASSERT_FALSE(check.verdict);
  EXPECT_EQ(107, blocked_until(r, 1, check, false)) << "ticks 103 to 107";
  EXPECT_EQ(109, blocked_until(r, 5, check, false)) << "rules are checked at 104, 109, …";
  EXPECT_EQ(std::nullopt, blocked_until(r, 1, check, true)) << "one value is enough to open";
  r.aggregate = aggregation::avg;
  EXPECT_EQ(std::nullopt, blocked_until(r, 1, check, false)) << "more than half are there";
}

TEST(blocked_until, is_what_the_checks_to_come_find) {
  int blocked = 0;
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    dice d(seed);
    auto r = random_rule(d, 1'000, "r");
    r.on_no_data = no_data::keep;
    if (r.aggregate == aggregation::count)
      continue; // no value makes it false
    const auto window = d.between(1, 12), watch = d.between(1, 3);
    field_past past;
    past.from = 98;
    const auto n = d.between(11, 14) * watch * 10 - 1;
    past.first = d.percent(30) ? n - d.between(0, window - 1) : 0;
    for (auto t = past.from; t <= n; ++t) {
      const bool blind = d.percent(20) && t >= past.first;
      past.blind.push_back(blind);
      // What is there decides nothing: only what is missing is in the way.
      past.values.push_back(blind || t < past.first ? none : deciding_value(r, d.percent(50)));
    }
    for (const bool verdict : {false, true}) {
      auto one = past;
      for (auto& v : one.values)
        v = std::isnan(v) ? none : deciding_value(r, verdict);
      const auto check = explain_check(r, window, watch, one, n);
      if (check.verdict)
        continue;
      const auto until = blocked_until(r, watch, check, verdict);
      const auto next = (n + 1 + watch) / watch * watch - 1;
      EXPECT_EQ(first_known(r, window, watch, one, n, verdict), until.value_or(next))
          << "seed " << seed << " verdict " << verdict;
      blocked += until.has_value();
    }
  }
  EXPECT_GT(blocked, 300);
}

} // namespace tocsin::blocked_until_test
