#pragma once

#include "config/rule.hpp"
#include "streams/window/value_total.hpp"

#include <cmath>

namespace tocsin {

/// What stays of a host's values where only aggregations of them are asked for. Sums are added up
/// in the order in which they come, without the care that verdicts take: for people to look at.
struct value_summary {
  value_total all;
  double last = std::numeric_limits<double>::quiet_NaN();

  /// The next value; NaN: there is none.
  void add(double x) {
    if (std::isnan(x))
      return;
    all.add(x);
    last = x;
  }

  /// NaN where there was no value, also of a sum or count.
  double value(aggregation what) const {
    const auto count = static_cast<double>(all.count);
    if (all.count == 0)
      return std::numeric_limits<double>::quiet_NaN();
    switch (what) {
    case aggregation::sum:
      return all.sum;
    case aggregation::avg:
      return all.sum / count;
    case aggregation::min:
      return all.min;
    case aggregation::max:
      return all.max;
    case aggregation::last:
      return last;
    case aggregation::count:
      break;
    }
    return count;
  }
};

} // namespace tocsin
