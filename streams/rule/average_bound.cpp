#include "streams/rule/average_bound.hpp"

#include "streams/window/exact_sum.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace tocsin {

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double average_max = 1e301; // no average of values comes near
constexpr double exact_min = 1e-250;  // above, nothing below is subnormal
} // namespace

std::optional<average_bound> bound_of_average(double t, bool ge, std::int64_t n) {
  if (t == 0)
    return average_bound{0, 0}; // no quotient but that of 0 rounds to 0
  if (std::abs(t) > average_max)
    return average_bound{t > 0 ? infinity : -infinity, 0};
  if (std::abs(t) < exact_min)
    return std::nullopt;
  // Quotients that round to t, or beyond it, begin half way to its neighbour; that very point
  // rounds to t where t is even.
  const double neighbour = std::nextafter(t, ge ? -infinity : infinity);
  const double half = (t - neighbour) / 2; // exact: a power of two
  const bool even = (std::bit_cast<std::uint64_t>(t) & 1) == 0;
  const auto count = static_cast<double>(n);
  const double product = t * count;
  exact_sum bound;
  bound.add(product);
  bound.add(std::fma(t, count, -product));
  bound.add(-half * count);
  const auto pair = bound.pair();
  if (!pair)
    return std::nullopt;
  // A sum that equals the bound does not count where t is odd: the next pair does.
  const double lo = even ? pair->second : std::nextafter(pair->second, ge ? infinity : -infinity);
  return average_bound{pair->first, lo};
}

} // namespace tocsin
