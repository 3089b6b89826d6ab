#pragma once

#include <cstdint>
#include <limits>

namespace tocsin {

/// All values of one field in one tick, or in several, put together.
struct value_total {
  std::uint64_t count = 0;
  double sum = 0; ///< 0 where there is none, as min and max are infinite then
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void add(double value) {
    ++count;
    sum += value;
    min = value < min ? value : min;
    max = value > max ? value : max;
  }
  void add(const value_total& other) {
    count += other.count;
    sum += other.sum;
    min = other.min < min ? other.min : min;
    max = other.max > max ? other.max : max;
  }
  friend bool operator==(const value_total&, const value_total&) = default;
};

} // namespace tocsin
