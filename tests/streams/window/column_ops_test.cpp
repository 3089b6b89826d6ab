#include "streams/window/column_ops.hpp"

#include "streams/window/exact_sum.hpp"
#include "tests/support/random_samples.hpp"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <memory>

namespace tocsin::column_ops_test {

using namespace test;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct alignas(64) column : host_column {};

bool bit(const host_mask& m, std::size_t h) {
  return m[h / 64] >> h % 64 & 1;
}

double some_value(dice& d) {
  switch (d.below(8)) {
  case 0:
    return nan;
  case 1:
    return 0.0;
  case 2:
    return std::ldexp(static_cast<double>(d.between(-9, 9)),
                      static_cast<int>(d.between(-900, 900)));
  case 3:
    return static_cast<double>(d.between(-1'000, 1'000)) / 100;
  default:
    return static_cast<double>(d.between(-4, 4)) / 2;
  }
}

column some_column(dice& d) {
  column c;
  for (auto& v : c)
    v = some_value(d);
  return c;
}

/// Runs a test with every instruction set of this machine.
template <class Test>
void with_every_target(Test test) {
  std::set<std::string> names;
  for (const auto t : column_ops::targets()) {
    column_ops::use_target(t);
    SCOPED_TRACE(std::string(column_ops::target()));
    names.emplace(column_ops::target());
    test();
  }
  column_ops::use_target(0);
  EXPECT_TRUE(names.contains("SCALAR") || names.contains("EMU128"));
}

} // namespace

TEST(column_ops_test, comparisons_are_those_of_single_doubles) {
  with_every_target([] {
    dice d(1);
    for (int round = 0; round < 40; ++round) {
      const auto c = some_column(d);
      const double t = c[static_cast<std::size_t>(d.below(block_hosts))];
      const double threshold = std::isnan(t) ? 0.5 : t;
      host_mask ge, le, gt, lt, present;
      column_ops::compare(c.data(), comparison::ge, threshold, ge);
      column_ops::compare(c.data(), comparison::le, threshold, le);
      column_ops::compare(c.data(), comparison::gt, threshold, gt);
      column_ops::compare(c.data(), comparison::lt, threshold, lt);
      column_ops::present(c.data(), present);
      for (std::size_t h = 0; h < block_hosts; ++h) {
        ASSERT_EQ(bit(ge, h), c[h] >= threshold) << h;
        ASSERT_EQ(bit(le, h), c[h] <= threshold) << h;
        ASSERT_EQ(bit(gt, h), c[h] > threshold) << h;
        ASSERT_EQ(bit(lt, h), c[h] < threshold) << h;
        ASSERT_EQ(bit(present, h), !std::isnan(c[h])) << h;
      }
    }
  });
}

TEST(column_ops_test, pairs_are_compared_as_the_real_numbers_they_stand_for) {
  with_every_target([] {
    dice d(2);
    for (int round = 0; round < 40; ++round) {
      column hi, lo;
      const bool with_lo = d.percent(60);
      for (std::size_t h = 0; h < block_hosts; ++h) {
        hi[h] = static_cast<double>(d.between(-2, 2));
        lo[h] = with_lo ? static_cast<double>(d.between(-2, 2)) * 1e-20 : 0;
      }
      const double bh = static_cast<double>(d.between(-2, 2));
      const double bl = static_cast<double>(d.between(-2, 2)) * 1e-20;
      host_mask ge, le;
      column_ops::compare_pairs(hi.data(), with_lo ? lo.data() : nullptr, true, bh, bl, ge);
      column_ops::compare_pairs(hi.data(), with_lo ? lo.data() : nullptr, false, bh, bl, le);
      for (std::size_t h = 0; h < block_hosts; ++h) {
        ASSERT_EQ(bit(ge, h), std::pair(hi[h], lo[h]) >= std::pair(bh, bl));
        ASSERT_EQ(bit(le, h), std::pair(hi[h], lo[h]) <= std::pair(bh, bl));
      }
    }
  });
}

// Slides a window over random rows, and compares each pair with a sum without rounding.
TEST(column_ops_test, slid_sums_are_exact_or_say_that_they_are_not) {
  with_every_target([] {
    std::size_t inexact_pairs = 0, exact_pairs = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      dice d(seed);
      constexpr std::size_t ticks = 5;
      std::vector<column> rows;
      column hi{}, lo{};
      bool lo_used = false;
      host_mask inexact{};
      for (int n = 0; n < 30; ++n) {
        rows.push_back(seed % 2 ? some_column(d) : column{});
        if (seed % 2 == 0) // whole numbers, and from the middle on, on one host, hundredths
          for (std::size_t h = 0; h < block_hosts; ++h)
            rows.back()[h] = static_cast<double>(d.below(50)) + (n > 15 && h == 777 ? 0.01 : 0);
        const auto* out = rows.size() > ticks ? rows[rows.size() - 1 - ticks].data() : nullptr;
        std::size_t from = 0;
        if (!lo_used)
          from =
              column_ops::slide_sums(rows.back().data(), out, hi.data(), nullptr, 0, inexact).next;
        if (from < block_hosts)
          lo_used =
              column_ops::slide_sums(rows.back().data(), out, hi.data(), lo.data(), from, inexact)
                  .lo_used;
        ASSERT_EQ(lo_used, std::any_of(lo.begin(), lo.end(), [](double v) { return v != 0; }));
        for (std::size_t h = 0; h < block_hosts; ++h) {
          exact_sum rest;
          for (std::size_t i = rows.size() > ticks ? rows.size() - ticks : 0; i < rows.size(); ++i)
            if (!std::isnan(rows[i][h]))
              rest.add(rows[i][h]);
          if (bit(inexact, h)) {
            ++inexact_pairs;
            continue;
          }
          ++exact_pairs;
          EXPECT_EQ(hi[h] + lo[h], hi[h]); // they do not overlap
          rest.add(-hi[h]);
          rest.add(-lo[h]);
          ASSERT_EQ(rest.sign(), 0) << "host " << h << " tick " << n;
        }
      }
    }
    EXPECT_GT(inexact_pairs, 1'000u);
    EXPECT_GT(exact_pairs, 100'000u);
  });
}

TEST(column_ops_test, countdowns_run_from_the_last_hit) {
  with_every_target([] {
    dice d(3);
    alignas(64) std::array<std::uint8_t, block_hosts> left_8{};
    alignas(64) std::array<std::uint16_t, block_hosts> left_16{};
    std::array<int, block_hosts> naive_8{}, naive_16{};
    for (int n = 0; n < 400; ++n) {
      host_mask hits{}, alive_8, alive_16;
      const auto density = d.one_of<std::int64_t>({0, 1, 50, 100});
      for (std::size_t h = 0; h < block_hosts; ++h)
        hits[h / 64] |= std::uint64_t{d.percent(density)} << h % 64;
      column_ops::count_down(left_8.data(), hits, std::uint8_t{3}, alive_8);
      column_ops::count_down(left_16.data(), hits, std::uint16_t{300}, alive_16);
      for (std::size_t h = 0; h < block_hosts; ++h) {
        naive_8[h] = bit(hits, h) ? 3 : std::max(naive_8[h] - 1, 0);
        naive_16[h] = bit(hits, h) ? 300 : std::max(naive_16[h] - 1, 0);
        ASSERT_EQ(left_8[h], naive_8[h]);
        ASSERT_EQ(left_16[h], naive_16[h]);
        ASSERT_EQ(bit(alive_8, h), naive_8[h] > 0);
        ASSERT_EQ(bit(alive_16, h), naive_16[h] > 0);
      }
    }
  });
}

TEST(column_ops_test, totals_are_of_the_values_there_are_and_the_same_on_every_target) {
  dice d(7);
  for (int round = 0; round < 40; ++round) {
    column c;
    for (auto& v : c)
      v = d.percent(round % 3 * 50) ? nan : static_cast<double>(d.between(-999, 999)) / 8;
    value_total naive;
    for (const double v : c)
      if (!std::isnan(v))
        naive.add(v);
    with_every_target([&] { EXPECT_EQ(column_ops::total(c.data()), naive); });
  }
  const auto c = some_column(d);
  const auto first = column_ops::total(c.data());
  with_every_target([&] { EXPECT_EQ(column_ops::total(c.data()), first); });
}

} // namespace tocsin::column_ops_test
