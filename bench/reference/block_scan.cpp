#include "bench/reference/block_scan.hpp"

#include "streams/window/exact_sum.hpp"

#include <cmath>
#include <limits>

namespace tocsin {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A mask of the hosts for which predicate(i) holds.
template <class Predicate>
host_mask mask_of(Predicate predicate) {
  host_mask mask{};
  for (std::size_t w = 0; w < block_words; ++w) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 64; ++i)
      bits |= std::uint64_t{predicate(w * 64 + i)} << i;
    mask[w] = bits;
  }
  return mask;
}

host_mask present_in(const double* row) {
  if (!row)
    return {};
  return mask_of([row](std::size_t h) { return row[h] == row[h]; });
}

} // namespace

void block_scan::begin(const field_block& block, const tick_history& history, tick newest,
                       wanted what, std::int64_t check_ticks) {
  block_ = &block;
  history_ = &history;
  newest_ = newest;
  ticks_ = 0;
  wanted_ = what;
  check_ticks_ = check_ticks;
  any_blind_ = false;
  for (std::size_t h = 0; h < block_hosts; ++h)
    first_[h] = block.first(h);
  for (auto* column : {&count_, &hi_, &lo_, &inexact_, &last_, &missing_count_})
    column->fill(0);
  min_.fill(infinity);
  max_.fill(-infinity);
  for (auto* mask : {&any_value_, &recent_value_, &missing_blind_, &missing_, &missing_first_,
                     &missing_after_value_, &missing_half_})
    mask->fill(0);
  started_ = mask_of([&](std::size_t h) { return first_[h] <= newest; });
  find_slipped();
}

// A report due every tick may slip over its edge: the newest tick is missing where the one before
// it has a value; where checks leave out ticks, also the one before that has to, or be too old.
void block_scan::find_slipped() {
  const auto row_of = [&](tick n) { return n >= 0 ? block_->find(n) : nullptr; };
  const auto now = present_in(row_of(newest_));
  const auto before = present_in(row_of(newest_ - 1));
  const auto earlier = present_in(row_of(newest_ - 2));
  slipped_ = mask_of([&](std::size_t h) {
    const auto has = [h](const host_mask& m) { return (m[h / 64] >> h % 64 & 1) != 0; };
    return has(before) && !has(now) &&
           (check_ticks_ == 1 || has(earlier) || newest_ - 2 < first_[h]);
  });
}

void block_scan::extend(std::int64_t ticks) {
  for (; ticks_ < ticks; ++ticks_) {
    const auto n = newest_ - ticks_;
    const auto* row = n >= 0 ? block_->find(n) : nullptr;
    const auto present = present_in(row);
    const bool blind = history_->blind(n);
    any_blind_ |= blind;
    host_mask missing{};
    for (std::size_t w = 0; w < block_words; ++w) {
      missing[w] = (blind ? ~present[w] : 0) | (ticks_ == 0 ? slipped_[w] : 0);
      missing_after_value_[w] |= missing[w] & ~any_value_[w];
      missing_blind_[w] |= missing[w];
    }
    if (blind || ticks_ == 0)
      note_missing(missing);
    if (row)
      add_row(row);
    for (std::size_t w = 0; w < block_words; ++w) {
      any_value_[w] |= present[w];
      recent_value_[w] |= ticks_ < check_ticks_ ? present[w] : 0;
    }
  }
  finish_masks();
}

void block_scan::note_missing(const host_mask& missing) {
  for (std::size_t w = 0; w < block_words; ++w)
    if (missing[w])
      for (std::size_t i = 0; i < 64; ++i)
        missing_count_[w * 64 + i] += static_cast<double>(missing[w] >> i & 1);
}

void block_scan::add_row(const double* row) {
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const bool present = row[h] == row[h];
    last_[h] = present && count_[h] == 0 ? row[h] : last_[h];
    count_[h] += present ? 1.0 : 0.0;
  }
  if (wanted_.sums)
    add_sums(row);
  if (wanted_.extrema)
    add_extrema(row);
}

void block_scan::add_sums(const double* row) {
  for (std::size_t h = 0; h < block_hosts; ++h) {
    const double x = row[h] == row[h] ? row[h] : 0.0;
    const double s = hi_[h] + x;
    const double e = two_sum_error(hi_[h], x, s);
    const double t = lo_[h] + e;
    const double lost = two_sum_error(lo_[h], e, t);
    hi_[h] = s;
    lo_[h] = t;
    inexact_[h] = lost != 0 ? 1.0 : inexact_[h];
  }
}

void block_scan::add_extrema(const double* row) {
  // Comparisons with NaN are false, so "no value" changes nothing.
  for (std::size_t h = 0; h < block_hosts; ++h) {
    min_[h] = row[h] < min_[h] ? row[h] : min_[h];
    max_[h] = row[h] > max_[h] ? row[h] : max_[h];
  }
}

void block_scan::finish_masks() {
  const auto oldest = newest_ - ticks_ + 1;
  missing_first_ = mask_of([&](std::size_t h) { return first_[h] > oldest; });
  missing_half_.fill(0);
  if (any_blind_ || ticks_ == 1)
    missing_half_ =
        mask_of([&](std::size_t h) { return missing_count_[h] * 2 > static_cast<double>(ticks_); });
  for (std::size_t w = 0; w < block_words; ++w)
    missing_[w] = missing_blind_[w] | missing_first_[w];
}

window_masks block_scan::masks() const {
  return {started_,       any_value_,           recent_value_, missing_,
          missing_first_, missing_after_value_, missing_half_, slipped_};
}

double block_scan::exact(std::size_t host, bool divide) const {
  exact_sum sum;
  for (std::int64_t i = 0; i < ticks_ && newest_ - i >= 0; ++i)
    if (const auto* row = block_->find(newest_ - i))
      if (!std::isnan(row[host]))
        sum.add(row[host]);
  return divide ? sum.divided(count_[host]) : sum.rounded();
}

void block_scan::sums(host_column& out) const {
  for (std::size_t h = 0; h < block_hosts; ++h)
    out[h] = inexact_[h] == 0 ? hi_[h] + lo_[h] : exact(h, false);
}

void block_scan::averages(host_column& out) const {
  for (std::size_t h = 0; h < block_hosts; ++h) {
    if (count_[h] == 0)
      out[h] = 0;
    else
      out[h] = inexact_[h] == 0 ? divide_exact(hi_[h], lo_[h], count_[h]) : exact(h, true);
  }
}

} // namespace tocsin
