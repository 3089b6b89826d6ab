#include "bench/standard/fire.hpp"

#include "bench/standard/workload.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin::workload {

namespace {

constexpr double lasting = 90; // spread evenly over 0 to 90 from host to host
constexpr double spread = 10;  // and this from tick to tick
constexpr std::uint32_t starts = 1'024;

// From tick to tick `value_units` steps around a cycle of 2^23.
constexpr std::uint32_t cycle = 1u << 23;
constexpr std::uint32_t step = 2246822519u % cycle;

double aggregate(aggregation of, std::int64_t ticks, std::uint32_t at) {
  double sum = 0, low = spread, high = 0, last = 0;
  for (std::int64_t t = 0; t < ticks; ++t) {
    last = static_cast<double>(at >> 7) / 6553.6;
    sum += last;
    low = std::min(low, last);
    high = std::max(high, last);
    at = (at + step) % cycle;
  }
  switch (of) {
  case aggregation::min:
    return low;
  case aggregation::max:
    return high;
  case aggregation::last:
    return last;
  default:
    return sum / static_cast<double>(ticks);
  }
}

// The level c that a share of all hosts is at or above, when something even over 0 to 90 is added
// to each of these numbers: P(even + m >= 90 + c) is the mean of max(0, m - c), over 90.
double level(std::vector<double> numbers, double share) {
  std::sort(numbers.rbegin(), numbers.rend());
  const double wanted = share * lasting * static_cast<double>(numbers.size());
  double sum = 0; // of the first i + 1 numbers
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    sum += numbers[i];
    const auto n = static_cast<double>(i + 1);
    const double next = i + 1 < numbers.size() ? numbers[i + 1] : -lasting;
    if (sum - n * next >= wanted)
      return (sum - wanted) / n;
  }
  return -lasting;
}

} // namespace

const std::vector<double>& exact_fire::windows(aggregation of, std::int64_t ticks) {
  auto& found = windows_[{of, ticks}];
  if (found.empty())
    for (std::uint32_t i = 0; i < starts; ++i)
      found.push_back(aggregate(of, ticks, cycle / starts * i + i));
  return found;
}

double exact_fire::threshold(std::size_t field, aggregation of, std::int64_t ticks, bool more,
                             double share) {
  auto numbers = windows(of, ticks);
  if (!more) // below a level is, turned upside down, above one
    for (auto& m : numbers)
      m = spread - m;
  const double c = level(std::move(numbers), share);
  double t = (more ? lasting + c : spread - c) * field_scales[field];
  const bool mean = of == aggregation::avg || of == aggregation::sum;
  if (field_whole[field] && !mean) // whole numbers cross it with half a one less
    return more ? std::ceil(t + 0.5) : std::floor(t - 0.5);
  if (of == aggregation::sum)
    t *= static_cast<double>(ticks);
  return round_2(t);
}

} // namespace tocsin::workload
