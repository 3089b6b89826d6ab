#include "streams/window/exact_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace tocsin::exact_sum_test {

namespace {

/// A sum of doubles of at most 1e300, as one integer of 2,560 bits in two's complement, in units of
/// 2^-1150: nothing to round, nothing to get wrong.
class big_sum {
public:
  void add(double x) {
    int exponent = 0;
    const auto mantissa =
        static_cast<std::int64_t>(std::ldexp(std::frexp(std::abs(x), &exponent), 53));
    const auto shift = static_cast<std::size_t>(exponent - 53 + 1150);
    big other{};
    const auto m = static_cast<std::uint64_t>(mantissa);
    other[shift / 64] = m << shift % 64;
    if (shift % 64 != 0)
      other[shift / 64 + 1] = m >> (64 - shift % 64);
    if (x < 0)
      negate(other);
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < limbs; ++i) {
      const wide s = wide{words_[i]} + other[i] + carry;
      words_[i] = static_cast<std::uint64_t>(s);
      carry = static_cast<std::uint64_t>(s >> 64);
    }
  }

  int sign() const {
    if (words_.back() >> 63)
      return -1;
    return std::any_of(words_.begin(), words_.end(), [](auto w) { return w != 0; });
  }

  /// Divided by n, to the nearest double, ties to even, by long division of the magnitude.
  double divided(std::uint64_t n) const {
    big q = words_;
    const bool negative = sign() < 0;
    if (negative)
      negate(q);
    std::uint64_t rest = 0;
    for (std::size_t i = limbs; i-- > 0;) {
      const wide part = (wide{rest} << 64) | q[i];
      q[i] = static_cast<std::uint64_t>(part / n);
      rest = static_cast<std::uint64_t>(part % n);
    }
    const double magnitude = round(q, rest != 0);
    return negative ? -magnitude : magnitude;
  }
  double rounded() const { return divided(1); }

private:
  static constexpr std::size_t limbs = 40;
  using big = std::array<std::uint64_t, limbs>;
  __extension__ using wide = unsigned __int128;

  static void negate(big& b) {
    bool carry = true;
    for (auto& w : b) {
      w = ~w + (carry ? 1 : 0);
      carry = carry && w == 0;
    }
  }
  static bool bit(const big& b, std::size_t i) { return b[i / 64] >> i % 64 & 1; }
  static double round(const big& b, bool more) {
    std::size_t top = limbs * 64;
    while (top > 0 && !bit(b, top - 1))
      --top;
    if (top == 0)
      return 0;
    const auto low = top > 53 ? top - 53 : 0;
    std::uint64_t mantissa = 0;
    for (auto i = top; i > low; --i)
      mantissa = mantissa << 1 | bit(b, i - 1);
    if (low > 0 && bit(b, low - 1)) {
      bool below = more;
      for (std::size_t i = 0; i + 1 < low && !below; ++i)
        below = bit(b, i);
      mantissa += below || mantissa % 2 == 1;
    }
    return std::ldexp(static_cast<double>(mantissa), static_cast<int>(low) - 1150);
  }

  big words_{};
};

exact_sum sum_of(const std::vector<double>& v) {
  exact_sum s;
  for (const double x : v)
    s.add(x);
  return s;
}

big_sum big_of(const std::vector<double>& v) {
  big_sum s;
  for (const double x : v)
    s.add(x);
  return s;
}

/// Numbers of many kinds: alike, far apart, cancelling, with few bits.
class number_source {
public:
  explicit number_source(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t word() { return engine_(); }
  double any(int exponent_range) {
    const auto m = static_cast<double>(engine_() >> 11) * 0x1p-53;
    const auto e =
        exponent_range == 0
            ? 0
            : static_cast<int>(engine_() % (2u * static_cast<unsigned>(exponent_range))) -
                  exponent_range;
    const double x = std::ldexp(engine_() % 2 ? m : -m, e);
    return std::abs(x) < 1e-290 ? 0 : x; // as samples are read
  }
  /// Few bits set, so that ties are common.
  double sparse(int exponent_range) {
    double x = 1;
    for (auto n = engine_() % 3; n > 0; --n)
      x += std::ldexp(engine_() % 2 ? 1 : -1, -static_cast<int>(engine_() % 54));
    return std::ldexp(engine_() % 2 ? x : -x,
                      static_cast<int>(engine_() % (2u * static_cast<unsigned>(exponent_range))) -
                          exponent_range);
  }

private:
  std::mt19937_64 engine_;
};

} // namespace

TEST(exact_sum_test, nothing_sums_to_zero) {
  EXPECT_EQ(exact_sum().rounded(), 0);
  EXPECT_EQ(exact_sum().divided(7), 0);
  EXPECT_EQ(exact_sum().sign(), 0);
}

TEST(exact_sum_test, what_cancels_leaves_the_rest) {
  EXPECT_EQ(sum_of({1e16, 1, -1e16}).rounded(), 1);
  EXPECT_EQ(sum_of({1e300, 1e-290, -1e300}).rounded(), 1e-290);
  EXPECT_EQ(sum_of({1e300, 3, 1e300, -1e300, -1e300}).divided(3), 1);
  EXPECT_EQ(sum_of({0.1, -0.1}).sign(), 0);
  EXPECT_EQ(sum_of({1e300, -1e-290, -1e300}).sign(), -1);
}

TEST(exact_sum_test, twelve_times_a_tenth_averages_to_a_tenth_whatever_came_before) {
  auto s = sum_of({1e300, 1e17, -1e300, -1e17});
  for (int i = 0; i < 12; ++i)
    s.add(0.1);
  EXPECT_EQ(s.divided(12), 0.1);
}

TEST(exact_sum_test, ties_go_to_even_and_a_hair_decides_them) {
  const double ulp = 0x1p-52, half = 0x1p-53;
  EXPECT_EQ(sum_of({1, half}).rounded(), 1);
  EXPECT_EQ(sum_of({1 + ulp, half}).rounded(), 1 + 2 * ulp);
  EXPECT_EQ(sum_of({1, half, 1e-290}).rounded(), 1 + ulp);
  EXPECT_EQ(sum_of({1, half, -1e-290}).rounded(), 1);
  EXPECT_EQ(sum_of({1 + ulp, half, -1e-290}).rounded(), 1 + ulp);
  EXPECT_EQ(sum_of({-1, -half, -1e-290}).rounded(), -1 - ulp);
  EXPECT_EQ(sum_of({2, -half}).rounded(), 2); // below a power of two
  EXPECT_EQ(sum_of({2, -ulp / 2, -1e-290}).rounded(), 2 - ulp);
}

TEST(exact_sum_test, sums_and_quotients_are_those_of_whole_numbers_of_2560_bits) {
  number_source numbers(1);
  for (int round = 0; round < 30'000; ++round) {
    std::vector<double> v;
    const int kind = round % 5;
    for (auto n = 1 + numbers.word() % 30; n > 0; --n) {
      switch (kind) {
      case 0:
        v.push_back(numbers.any(3));
        break;
      case 1:
        v.push_back(numbers.any(60));
        break;
      case 2:
        v.push_back(numbers.sparse(60));
        break;
      case 3:
        v.push_back(numbers.any(960));
        break;
      default:
        v.push_back(v.empty() || numbers.word() % 2 ? numbers.sparse(500)
                                                    : -v[numbers.word() % v.size()]);
      }
    }
    const auto exact = sum_of(v);
    const auto big = big_of(v);
    ASSERT_EQ(exact.rounded(), big.rounded()) << round;
    ASSERT_EQ(exact.sign(), big.sign()) << round;
    const auto n = 1 + numbers.word() % 4096;
    ASSERT_EQ(exact.divided(static_cast<double>(n)), big.divided(n)) << round << " by " << n;
  }
}

namespace {

void expect_same_quotient(double a, double b, std::uint64_t n, int round) {
  const double hi = a + b, lo = two_sum_error(a, b, hi);
  exact_sum s;
  s.add(a);
  s.add(b);
  const double got = divide_exact(hi, lo, static_cast<double>(n)),
               want = s.divided(static_cast<double>(n));
  ASSERT_EQ(got, want) << round << ": " << a << " + " << b << " by " << n;
  if (round % 50 == 0) {
    ASSERT_EQ(want, big_of({a, b}).divided(n)) << round;
  }
}

} // namespace

TEST(exact_sum_test, a_million_divided_pairs_are_rounded_once) {
  number_source numbers(2);
  for (int round = 0; round < 1'000'000 && !::testing::Test::HasFailure(); ++round)
    expect_same_quotient(numbers.any(40), numbers.any(1 + round % 80), 1 + numbers.word() % 4096,
                         round);
}

// The sum is n times the middle between two doubles, give or take next to nothing.
TEST(exact_sum_test, pairs_close_to_a_tie_are_rounded_once) {
  number_source numbers(3);
  for (int round = 0; round < 300'000 && !::testing::Test::HasFailure(); ++round) {
    const auto n = 1 + numbers.word() % 4096;
    const auto exponent = static_cast<int>(numbers.word() % 1200) - 600;
    double q = round % 7 == 0 ? 1.0 : 1 + static_cast<double>(numbers.word() >> 12) * 0x1p-52;
    const double half = round % 3 == 0 ? -0x1p-54 : 0x1p-53; // also below a power of two
    const double factor = static_cast<double>(n);
    const double a = q * factor, rest = std::fma(q, factor, -a) + half * factor;
    const double off = numbers.word() % 3 == 0 ? 0 : std::ldexp(numbers.word() % 2 ? 1 : -1, -100);
    const double b = rest + (round % 2 ? off : 0);
    const double sign = numbers.word() % 2 ? 1 : -1;
    expect_same_quotient(sign * std::ldexp(a, exponent), sign * std::ldexp(b, exponent), n, round);
  }
}

TEST(exact_sum_test, a_pair_that_is_zero_divides_to_zero) {
  EXPECT_EQ(divide_exact(0, 0, 3), 0);
  EXPECT_FALSE(std::signbit(divide_exact(0, 0, 3)));
}

TEST(exact_sum_test, pairs_at_the_ends_of_the_range_are_rounded_once) {
  int round = 0;
  for (const double a : {1e300, -1e300, 1e-290, -1e-290, 1.7e304, 3e-290})
    for (const double b : {1e300, 1e-290, -1e-290, 0.0, 1e284, -1e284})
      for (const std::uint64_t n : {1u, 3u, 7u, 4095u, 4096u})
        expect_same_quotient(a, b, n, 50 * round++);
}

} // namespace tocsin::exact_sum_test
