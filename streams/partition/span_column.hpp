#pragma once

#include "config/rule.hpp"
#include "streams/window/tick_ring.hpp"

#include <array>

namespace tocsin {

/// What an aggregation gives over the `ticks` ticks up to `newest` for one host of a block; NaN
/// where it has no value in them, also of a sum or count. O(ticks).
double span_value(const field_block*, std::size_t host, tick newest, std::int64_t ticks,
                  aggregation);

/// The same for all hosts of a block at once, some ticks at a time. At most 4,096 ticks.
class span_column {
public:
  /// `from` may be null: nobody has a value.
  void begin(const field_block* from, tick newest, std::int64_t ticks, aggregation what);
  /// Takes so many further ticks in; true: those were the last.
  bool step(std::int64_t ticks_max);
  /// After the last step.
  double value(std::size_t host) const;

private:
  void add(const double* row);
  void take(const double* row);

  const field_block* from_ = nullptr;
  tick newest_ = 0, at_ = 0; // of the span; the next to take in, from its oldest on
  std::int64_t ticks_ = 0;
  aggregation what_ = aggregation::last;
  // The sum is high + low exactly; or the extremum, or the last value, in high.
  std::array<double, block_hosts> high_, low_;
  std::array<std::uint16_t, block_hosts> counts_;
  std::array<bool, block_hosts> inexact_; // a pair cannot hold the sum
};

} // namespace tocsin
