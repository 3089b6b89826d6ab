#include "streams/partition/span_column.hpp"

#include "streams/window/exact_sum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tocsin {

namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

constexpr bool is_summed(aggregation a) {
  return a == aggregation::sum || a == aggregation::avg;
}

// The sum is made only where it is asked for: its parts are in memory of their own.
double summed(const field_block& from, std::size_t host, tick newest, std::int64_t ticks,
              bool divide) {
  exact_sum sum;
  double count = 0;
  for (tick n = newest - ticks + 1; n <= newest; ++n)
    if (const auto* row = from.find(n); row && !std::isnan(row[host])) {
      sum.add(row[host]);
      ++count;
    }
  return count == 0 ? no_value : divide ? sum.divided(count) : sum.rounded();
}

} // namespace

double span_value(const field_block* from, std::size_t host, tick newest, std::int64_t ticks,
                  aggregation what) {
  ticks = std::min(ticks, newest + 1);
  if (!from)
    return no_value;
  if (is_summed(what))
    return summed(*from, host, newest, ticks, what == aggregation::avg);
  if (what == aggregation::min || what == aggregation::max)
    return from->extremum(host, newest, ticks, what == aggregation::max);
  double count = 0;
  for (tick n = newest; n > newest - ticks; --n) {
    const auto* row = from->find(n);
    if (!row || std::isnan(row[host]))
      continue;
    if (what == aggregation::last)
      return row[host];
    ++count;
  }
  return count == 0 ? no_value : count;
}

void span_column::begin(const field_block* from, tick newest, std::int64_t ticks,
                        aggregation what) {
  from_ = from;
  newest_ = newest;
  ticks_ = std::min(ticks, newest + 1);
  at_ = newest - ticks_ + 1;
  what_ = what;
  high_.fill(is_summed(what) ? 0 : no_value);
  low_.fill(0);
  counts_.fill(0);
  inexact_.fill(false);
}

bool span_column::step(std::int64_t ticks_max) {
  for (; from_ && at_ <= newest_; ++at_) {
    if (ticks_max-- == 0)
      return false;
    const auto* row = from_->find(at_);
    if (!row)
      continue;
    if (is_summed(what_))
      add(row);
    else
      take(row);
  }
  return true;
}

void span_column::add(const double* row) {
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const bool there = !std::isnan(row[h]);
    const double x = there ? row[h] : 0;
    const double high = high_[h] + x;
    const double error = two_sum_error(high_[h], x, high);
    const double low = low_[h] + error;
    inexact_[h] |= two_sum_error(low_[h], error, low) != 0;
    high_[h] = high;
    low_[h] = low;
    counts_[h] = static_cast<std::uint16_t>(counts_[h] + there);
  }
}

void span_column::take(const double* row) {
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const double x = row[h];
    if (std::isnan(x))
      continue;
    ++counts_[h];
    // Comparisons with "no value" are false.
    const bool stays = what_ == aggregation::max   ? x <= high_[h]
                       : what_ == aggregation::min ? x >= high_[h]
                                                   : false;
    if (!stays)
      high_[h] = x;
  }
}

double span_column::value(std::size_t host) const {
  const double count = counts_[host];
  if (count == 0)
    return no_value;
  if (what_ == aggregation::count)
    return count;
  if (!is_summed(what_))
    return high_[host];
  if (inexact_[host])
    return summed(*from_, host, newest_, ticks_, what_ == aggregation::avg);
  return what_ == aggregation::sum ? high_[host] + low_[host]
                                   : divide_exact(high_[host], low_[host], count);
}

} // namespace tocsin
