#pragma once

#include "config/rule.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tocsin {

/// What stays of a host's values where only aggregations of them are asked for. Sums are added up
/// in the order in which they come, without the care that verdicts take: for people to look at.
struct value_summary {
  double sum = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double last = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t count = 0;

  /// The next value; NaN: there is none.
  void add(double x) {
    if (std::isnan(x))
      return;
    sum += x;
    min = std::min(min, x);
    max = std::max(max, x);
    last = x;
    ++count;
  }

  /// NaN where there was no value, also of a sum or count.
  double value(aggregation what) const {
    if (count == 0)
      return std::numeric_limits<double>::quiet_NaN();
    switch (what) {
    case aggregation::sum:
      return sum;
    case aggregation::avg:
      return sum / static_cast<double>(count);
    case aggregation::min:
      return min;
    case aggregation::max:
      return max;
    case aggregation::last:
      return last;
    case aggregation::count:
      break;
    }
    return static_cast<double>(count);
  }
};

} // namespace tocsin
