#include "streams/window/exact_sum.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tocsin {

void exact_sum::add(double x) {
  std::size_t kept = 0;
  for (const double part : parts_) {
    const double s = x + part;
    const double e = two_sum_error(x, part, s);
    if (e != 0)
      parts_[kept++] = e;
    x = s;
  }
  parts_.resize(kept);
  if (x != 0)
    parts_.push_back(x);
}

int exact_sum::sign() const {
  // Parts do not overlap, so the greatest decides.
  return parts_.empty() ? 0 : parts_.back() > 0 ? 1 : -1;
}

std::optional<std::pair<double, double>> exact_sum::pair() const {
  if (parts_.size() > 2)
    return std::nullopt;
  const double a = parts_.empty() ? 0 : parts_.back();
  const double b = parts_.size() < 2 ? 0 : parts_.front();
  const double s = a + b;
  return std::pair(s, two_sum_error(a, b, s));
}

double exact_sum::rounded() const {
  if (parts_.empty())
    return 0;
  auto i = parts_.size() - 1;
  double hi = parts_[i];
  double lo = 0;
  while (i > 0) {
    const double x = hi;
    const double y = parts_[--i];
    hi = x + y;
    lo = y - (hi - x);
    if (lo != 0)
      break;
  }
  // A tie that was broken to even although what follows says which way is nearer.
  if (i > 0 && ((lo < 0 && parts_[i - 1] < 0) || (lo > 0 && parts_[i - 1] > 0))) {
    const double y = lo * 2;
    const double x = hi + y;
    if (y == x - hi)
      hi = x;
  }
  return hi;
}

namespace {

// The sign of sum − n·(a + b), where n·b is a double.
int compare(const exact_sum& sum, double n, double a, double b) {
  exact_sum rest = sum;
  const double p = n * a;
  rest.add(-p);
  rest.add(-std::fma(n, a, -p));
  rest.add(-(n * b));
  return rest.sign();
}

// Moves q by one step towards `to` while the real quotient is nearer to the next double, or half
// way with an odd q.
bool step(const exact_sum& sum, double n, double& q, double to) {
  const double next = std::nextafter(q, to);
  const double half = (next - q) / 2;
  const int c = compare(sum, n, q, half) * (to > 0 ? 1 : -1);
  if (c < 0)
    return false;
  if (c == 0) {
    // A tie: of two neighbours the even one is a multiple of twice their distance.
    int exponent = 0;
    const auto mantissa = std::ldexp(std::frexp(q, &exponent), 53);
    if (std::fmod(mantissa, 2) == 0)
      return false;
    q = next;
    return false;
  }
  q = next;
  return true;
}

} // namespace

double exact_sum::divided(double n) const {
  if (parts_.empty())
    return 0;
  double q = rounded() / n;
  const auto inf = std::numeric_limits<double>::infinity();
  while (step(*this, n, q, inf)) {
  }
  while (step(*this, n, q, -inf)) {
  }
  return q;
}

double divide_exact(double hi, double lo, double n) {
  const double s = hi + lo;
  if (s == 0)
    return 0;
  const double r = two_sum_error(hi, lo, s);
  double q = s / n;
  for (int attempt = 0; attempt < 2; ++attempt) {
    // What the quotient leaves; the fma is exact for a q within a few units of s / n.
    const double rest = std::fma(-q, n, s) + r;
    const auto bits = std::bit_cast<std::uint64_t>(std::abs(q));
    const double ulp = std::bit_cast<double>(bits + 1) - std::abs(q);
    // Below a power of two doubles stand twice as close.
    const bool power_of_two = (bits & ((std::uint64_t{1} << 52) - 1)) == 0;
    if (std::abs(rest) < (power_of_two ? 0.2499 : 0.4999) * n * ulp)
      return q;
    q += rest / n;
  }
  // A tie, or close to one.
  exact_sum sum;
  sum.add(hi);
  sum.add(lo);
  return sum.divided(n);
}

} // namespace tocsin
