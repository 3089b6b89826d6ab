#pragma once

#include <optional>
#include <utility>
#include <vector>

namespace tocsin {

/// The sum of doubles without any rounding, as a list of non-overlapping doubles of increasing
/// magnitude (Shewchuk 1997). For |x| <= 1e300 and fewer than 10^7 terms nothing overflows.
/// add() is O(parts), and there are few parts for data of similar magnitude.
class exact_sum {
public:
  void clear() { parts_.clear(); }
  void add(double x);

  /// The real sum rounded once to the nearest double, ties to even.
  double rounded() const;

  /// The real sum divided by n > 0, rounded once to the nearest double, ties to even.
  double divided(double n) const;

  /// The sum as two doubles that do not overlap, the greater one first, where two suffice.
  std::optional<std::pair<double, double>> pair() const;

  /// -1, 0 or 1.
  int sign() const;

private:
  std::vector<double> parts_;
};

/// What is lost when a + b is rounded to s: a + b == s + error, exactly (Knuth, Møller).
inline double two_sum_error(double a, double b, double s) {
  const double bb = s - a;
  return (a - (s - bb)) + (b - bb);
}

/// (hi + lo) / n rounded once, for an exact pair and an integer n of 1 to 4096.
double divide_exact(double hi, double lo, double n);

} // namespace tocsin
