#pragma once

#include "config/rule.hpp"

#include <optional>

namespace tocsin {

/// The verdict of an average without a division: `avg >= t`, with avg the real quotient sum / n
/// rounded once to the nearest double, is a comparison of the exact sum with a bound that n and t
/// alone decide, because rounding is monotone. The bound is a pair hi + lo that does not overlap,
/// to be compared as column_ops::compare_pairs does.
struct average_bound {
  double hi;
  double lo;
};

/// The bound for `n` values (1 to 4096): sum >= bound exactly where avg >= threshold (`ge`), or <=.
/// None for thresholds so near to zero that half a unit in their last place is no double; sums of
/// values of 0 or 1e-290 to 1e300 in magnitude are asked about.
std::optional<average_bound> bound_of_average(double threshold, bool ge, std::int64_t n);

} // namespace tocsin
