#include "streams/window/sliding_sum.hpp"

#include "streams/window/exact_sum.hpp"

#include <algorithm>
#include <bit>

namespace tocsin {

namespace {

const double* row_of(const field_block& block, tick n) {
  return n >= 0 ? block.find(n) : nullptr;
}

exact_sum sum_again(const field_block& block, tick newest, std::int64_t ticks, std::size_t host) {
  exact_sum sum;
  for (auto n = std::max<tick>(newest - ticks + 1, 0); n <= newest; ++n)
    if (const auto* row = block.find(n); row && row[host] == row[host])
      sum.add(row[host]);
  return sum;
}

} // namespace

const sliding_sum::column sliding_sum::zeros{};

void sliding_sum::slide(const field_block& block, tick n) {
  add(row_of(block, n), row_of(block, n - ticks_));
  settle(block, n);
}

void sliding_sum::rebuild(const field_block& block, tick n) {
  if (hi_)
    hi_->fill(0);
  lo_used_ = false;
  inexact_ = {};
  for (auto t = std::max<tick>(n - ticks_ + 1, 0); t <= n; ++t)
    add(block.find(t), nullptr);
  settle(block, n);
}

void sliding_sum::need_hi() {
  if (!hi_)
    hi_ = make_in<column>(memory_);
}

void sliding_sum::need_lo() {
  if (!lo_)
    lo_ = make_in<column>(memory_);
  if (!lo_used_)
    lo_->fill(0);
  lo_used_ = true;
}

void sliding_sum::add(const double* in, const double* out) {
  if (!in && !out)
    return;
  need_hi();
  std::size_t from = 0;
  if (!lo_used_) {
    from = column_ops::slide_sums(in, out, hi_->data(), nullptr, 0, inexact_).next;
    if (from == block_hosts)
      return;
    need_lo();
  }
  lo_used_ = column_ops::slide_sums(in, out, hi_->data(), lo_->data(), from, inexact_).lo_used;
}

void sliding_sum::settle(const field_block& block, tick n) {
  for (std::size_t w = 0; w < block_words; ++w)
    for (auto rest = inexact_[w]; rest != 0; rest &= rest - 1) {
      const auto h = w * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      const auto sum = sum_again(block, n, ticks_, h);
      const auto pair = sum.pair();
      (*hi_)[h] = pair ? pair->first : sum.rounded();
      if (lo_used_ || (pair && pair->second != 0)) {
        need_lo();
        (*lo_)[h] = pair ? pair->second : 0;
      }
      if (pair)
        inexact_[w] &= ~bit_of(h);
    }
}

void sliding_sum::fill(std::size_t host, double value) {
  need_hi();
  double& hi = (*hi_)[host];
  const double s = hi + value;
  const double e = two_sum_error(hi, value, s);
  const double lo = lo_used_ ? (*lo_)[host] : 0;
  const double rest = lo + e;
  if (two_sum_error(lo, e, rest) != 0)
    inexact_[host / 64] |= bit_of(host); // taken again at the next slide
  hi = s + rest;
  const double lost = two_sum_error(s, rest, hi);
  if (lo_used_ || lost != 0) {
    need_lo();
    (*lo_)[host] = lost;
  }
}

void sliding_sum::clear_host(std::size_t host) {
  if (hi_)
    (*hi_)[host] = 0;
  if (lo_used_)
    (*lo_)[host] = 0;
  inexact_[host / 64] &= ~bit_of(host);
}

double sliding_sum::average(const field_block& block, tick n, std::size_t host,
                            double count) const {
  if (inexact_[host / 64] & bit_of(host))
    return sum_again(block, n, ticks_, host).divided(count);
  return divide_exact(sum(host), lo_used_ ? (*lo_)[host] : 0.0, count);
}

} // namespace tocsin
