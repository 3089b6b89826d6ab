#include "streams/rule/average_bound.hpp"

#include "streams/window/exact_sum.hpp"
#include "tests/support/random_samples.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace tocsin::average_bound_test {

using namespace test;

namespace {

bool at_least(std::pair<double, double> sum, average_bound b) {
  return sum.first > b.hi || (sum.first == b.hi && sum.second >= b.lo);
}

bool at_most(std::pair<double, double> sum, average_bound b) {
  return sum.first < b.hi || (sum.first == b.hi && sum.second <= b.lo);
}

/// The sum itself, and the sums nearest to it on both sides that a pair can hold.
void expect_same_verdict(const exact_sum& sum, double t, std::int64_t n, std::size_t& met) {
  const auto pair = sum.pair();
  if (!pair)
    return;
  const double avg = sum.divided(static_cast<double>(n));
  const auto ge = bound_of_average(t, true, n);
  const auto le = bound_of_average(t, false, n);
  ASSERT_TRUE(ge && le) << t;
  ASSERT_EQ(at_least(*pair, *ge), avg >= t) << pair->first << " " << pair->second << " " << t;
  ASSERT_EQ(at_most(*pair, *le), avg <= t) << pair->first << " " << pair->second << " " << t;
  met += avg == t;
}

} // namespace

// Sums on the very edge of rounding to the threshold, and a hair beside it.
TEST(average_bound_test, the_bound_stands_where_the_quotient_rounds) {
  dice d(1);
  std::size_t met = 0;
  for (int i = 0; i < 60'000; ++i) {
    const auto n = d.between(1, 200);
    double t = d.percent(50) ? static_cast<double>(d.between(-9'000, 9'000)) / 100
                             : std::ldexp(static_cast<double>(d.between(-99, 99)),
                                          static_cast<int>(d.between(-400, 400)));
    if (d.percent(30))
      t = std::nextafter(t, d.percent(50) ? 1e300 : -1e300);
    if (t != 0 && std::abs(t) < 1e-240)
      continue;
    const double neighbour = std::nextafter(t, d.percent(50) ? 1e301 : -1e301);
    exact_sum sum; // n × the middle between t and its neighbour, or n × t
    const double part = d.percent(70) && t != 0 ? (neighbour - t) / 2 : 0;
    const auto count = static_cast<double>(n);
    sum.add(t * count);
    sum.add(std::fma(t, count, -(t * count)));
    sum.add(part * count);
    if (d.percent(60) && t != 0)
      sum.add(std::ldexp(static_cast<double>(d.between(-2, 2)), std::ilogb(t) - 70));
    expect_same_verdict(sum, t, n, met);
  }
  EXPECT_GT(met, 10'000u);
}

TEST(average_bound_test, thresholds_out_of_reach_are_never_met_or_always) {
  EXPECT_FALSE(at_least({1e303, 0}, *bound_of_average(1e305, true, 60)));
  EXPECT_TRUE(at_least({-1e303, 0}, *bound_of_average(-1e305, true, 60)));
  EXPECT_TRUE(at_most({1e303, 0}, *bound_of_average(1e305, false, 60)));
}

TEST(average_bound_test, next_to_zero_there_is_no_bound) {
  EXPECT_FALSE(bound_of_average(1e-300, true, 60));
  EXPECT_TRUE(at_least({0, 0}, *bound_of_average(-0.0, true, 60)));
  EXPECT_FALSE(at_least({-1e-290, 0}, *bound_of_average(0, true, 60)));
}

} // namespace tocsin::average_bound_test
