#include "streams/window/column_ops.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "streams/window/column_ops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tocsin::column_ops::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using doubles = hn::ScalableTag<double>;
using vec = hn::Vec<doubles>;

// Lanes are at most 64 (bytes in 512 bits), and a block is a whole number of words.
static_assert(HWY_MAX_BYTES <= 64 && block_hosts % 64 == 0);

// The mask of 64 hosts, of which lanes(i) gives the vectors.
template <class D, class Lanes>
HWY_INLINE std::uint64_t word_of(D d, Lanes lanes) {
  const std::size_t n = hn::Lanes(d);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 64; i += n) {
    std::uint8_t bytes[8] = {};
    hn::StoreMaskBits(d, lanes(i), bytes);
    std::uint64_t bits = 0;
    std::copy_n(bytes, sizeof bits, reinterpret_cast<std::uint8_t*>(&bits));
    word |= bits << i;
  }
  return word;
}

// Where words of a mask go: into a mask, or against one that is known.
struct into_mask {
  host_mask& out;
  HWY_INLINE void take(std::size_t w, std::uint64_t word) { out[w] = word; }
};
struct into_difference {
  const difference& d;
  std::uint64_t any = 0;
  HWY_INLINE void take(std::size_t w, std::uint64_t word) {
    const auto differs = (word ^ d.flip ^ d.known[w]) & d.among[w];
    d.out[w] = differs;
    any |= differs;
  }
};

template <class Sink, class Lanes>
HWY_INLINE void for_each_word(Sink& sink, Lanes lanes) {
  const doubles d;
  for (std::size_t w = 0; w < block_words; ++w)
    sink.take(w, word_of(d, [&](std::size_t i) HWY_ATTR { return lanes(d, w * 64 + i); }));
}

void present(const double* column, host_mask& out) {
  into_mask sink{out};
  for_each_word(sink, [column](doubles d, std::size_t i) HWY_ATTR {
    const auto v = hn::Load(d, column + i);
    return hn::Eq(v, v);
  });
}

template <class Sink>
HWY_INLINE void compare_to(Sink& sink, const double* column, comparison cmp, double threshold) {
  const auto t = hn::Set(doubles(), threshold);
  switch (cmp) {
  case comparison::ge:
    return for_each_word(sink, [column, t](doubles d, std::size_t i)
                                   HWY_ATTR { return hn::Ge(hn::Load(d, column + i), t); });
  case comparison::le:
    return for_each_word(sink, [column, t](doubles d, std::size_t i)
                                   HWY_ATTR { return hn::Le(hn::Load(d, column + i), t); });
  case comparison::gt:
    return for_each_word(sink, [column, t](doubles d, std::size_t i)
                                   HWY_ATTR { return hn::Gt(hn::Load(d, column + i), t); });
  case comparison::lt:
    return for_each_word(sink, [column, t](doubles d, std::size_t i)
                                   HWY_ATTR { return hn::Lt(hn::Load(d, column + i), t); });
  }
}

// Without `lo` a host is decided by its hi alone: where that equals the bound, 0 against bound_lo.
template <class Sink>
HWY_INLINE void compare_hi_to(Sink& sink, const double* hi, bool ge, double bound_hi,
                              double bound_lo) {
  const bool equal_counts = ge ? 0 >= bound_lo : 0 <= bound_lo;
  if (ge)
    compare_to(sink, hi, equal_counts ? comparison::ge : comparison::gt, bound_hi);
  else
    compare_to(sink, hi, equal_counts ? comparison::le : comparison::lt, bound_hi);
}

template <class Sink>
HWY_INLINE void compare_pairs_to(Sink& sink, const double* hi, const double* lo, bool ge,
                                 double bound_hi, double bound_lo) {
  if (!lo)
    return compare_hi_to(sink, hi, ge, bound_hi, bound_lo);
  const doubles d;
  const auto bh = hn::Set(d, bound_hi);
  const auto bl = hn::Set(d, bound_lo);
  // Where the his are equal, which is rare, the los decide.
  const auto with_lo = [lo, ge, bl](doubles dd, std::size_t i, auto beyond, auto equal) HWY_ATTR {
    if (HWY_LIKELY(hn::AllFalse(dd, equal)))
      return beyond;
    const auto l = hn::Load(dd, lo + i);
    return hn::Or(beyond, hn::And(equal, ge ? hn::Ge(l, bl) : hn::Le(l, bl)));
  };
  if (ge)
    for_each_word(sink, [=](doubles dd, std::size_t i) HWY_ATTR {
      const auto h = hn::Load(dd, hi + i);
      return with_lo(dd, i, hn::Gt(h, bh), hn::Eq(h, bh));
    });
  else
    for_each_word(sink, [=](doubles dd, std::size_t i) HWY_ATTR {
      const auto h = hn::Load(dd, hi + i);
      return with_lo(dd, i, hn::Lt(h, bh), hn::Eq(h, bh));
    });
}

void compare(const double* column, comparison cmp, double threshold, host_mask& out) {
  into_mask sink{out};
  compare_to(sink, column, cmp, threshold);
}

bool compare_differ(const double* column, comparison cmp, double threshold, const difference& d) {
  into_difference sink{d};
  compare_to(sink, column, cmp, threshold);
  return sink.any != 0;
}

void compare_pairs(const double* hi, const double* lo, bool ge, double bound_hi, double bound_lo,
                   host_mask& out) {
  into_mask sink{out};
  compare_pairs_to(sink, hi, lo, ge, bound_hi, bound_lo);
}

bool compare_pairs_differ(const double* hi, const double* lo, bool ge, double bound_hi,
                          double bound_lo, const difference& d) {
  into_difference sink{d};
  compare_pairs_to(sink, hi, lo, ge, bound_hi, bound_lo);
  return sink.any != 0;
}

// What is lost when a + b is rounded to s.
HWY_INLINE vec sum_error(vec a, vec b, vec s) {
  const auto bb = hn::Sub(s, a);
  return hn::Add(hn::Sub(a, hn::Sub(s, bb)), hn::Sub(b, bb));
}

HWY_INLINE vec value_or_zero(const double* row, std::size_t i) {
  const auto v = hn::Load(doubles(), row + i);
  return hn::IfThenElseZero(hn::Eq(v, v), v);
}

// in − out added to h, with both errors.
struct slid {
  vec sum, error_in, error_out;
};
HWY_INLINE slid slide(vec h, vec x, vec y) {
  const auto s = hn::Add(h, x);
  const auto minus_y = hn::Neg(y);
  const auto t = hn::Add(s, minus_y);
  return {t, sum_error(h, x, s), sum_error(s, minus_y, t)};
}

alignas(64) constexpr double no_row[block_hosts] = {}; // adding zeros adds nothing

slide_state slide_hi(const double* in, const double* out, double* hi, std::size_t from) {
  const doubles d;
  const auto zero = hn::Zero(d);
  for (std::size_t i = from; i < block_hosts; i += hn::Lanes(d)) {
    const auto s = slide(hn::Load(d, hi + i), value_or_zero(in, i), value_or_zero(out, i));
    const auto lost = hn::Or(hn::Ne(s.error_in, zero), hn::Ne(s.error_out, zero));
    if (HWY_UNLIKELY(!hn::AllFalse(d, lost)))
      return {i, true};
    hn::Store(s.sum, d, hi + i);
  }
  return {block_hosts, false};
}

slide_state slide_sums(const double* in, const double* out, double* hi, double* lo,
                       std::size_t from, host_mask& inexact) {
  in = in ? in : no_row;
  out = out ? out : no_row;
  if (!lo)
    return slide_hi(in, out, hi, from);
  const doubles d;
  const auto zero = hn::Zero(d);
  const auto one = hn::Set(d, 1.0);
  auto any_lo = zero; // ones where some rest was not zero
  for (std::size_t i = from; i < block_hosts; i += hn::Lanes(d)) {
    const auto s = slide(hn::Load(d, hi + i), value_or_zero(in, i), value_or_zero(out, i));
    const auto e = hn::Add(s.error_in, s.error_out);
    const auto l = hn::Load(d, lo + i);
    const auto u = hn::Add(l, e);
    // No error may be NaN, for whether that is Ne to zero depends on the target (Highway 1.0: SSE4
    // and scalar say yes, AVX2 no). None is: values are at most 1e300, and so are 4,096
    // of them and their partial sums far from infinity, also those of a void pair.
    const auto lost = hn::Or(hn::Ne(sum_error(s.error_in, s.error_out, e), zero),
                             hn::Ne(sum_error(l, e, u), zero));
    const auto h = hn::Add(s.sum, u);
    const auto rest = sum_error(s.sum, u, h);
    hn::Store(h, d, hi + i);
    hn::Store(rest, d, lo + i);
    any_lo = hn::Or(any_lo, hn::IfThenElseZero(hn::Ne(rest, zero), one));
    if (HWY_UNLIKELY(!hn::AllFalse(d, lost))) {
      std::uint8_t bytes[8] = {};
      hn::StoreMaskBits(d, lost, bytes);
      inexact[i / 64] |= std::uint64_t{bytes[0]} << i % 64;
    }
  }
  return {block_hosts, !hn::AllFalse(d, hn::Ne(any_lo, zero))};
}

template <class T>
HWY_INLINE void count_down_as(T* left, const host_mask& hits, T window, host_mask& alive) {
  const hn::ScalableTag<T> d;
  if (hn::Lanes(d) < 8) { // masks are loaded by whole bytes
    for (std::size_t i = 0; i < block_hosts; ++i) {
      const bool hit = hits[i / 64] >> i % 64 & 1;
      left[i] = hit ? window : static_cast<T>(left[i] - (left[i] != 0));
      const auto bit = std::uint64_t{1} << i % 64;
      alive[i / 64] = left[i] != 0 ? alive[i / 64] | bit : alive[i / 64] & ~bit;
    }
    return;
  }
  const auto one = hn::Set(d, T{1});
  const auto full = hn::Set(d, window);
  const auto zero = hn::Zero(d);
  const auto* hit_bytes = reinterpret_cast<const std::uint8_t*>(hits.data());
  for (std::size_t w = 0; w < block_words; ++w)
    alive[w] = word_of(d, [&](std::size_t i) HWY_ATTR {
      const auto at = w * 64 + i;
      const auto hit = hn::LoadMaskBits(d, hit_bytes + at / 8);
      const auto c = hn::SaturatedSub(hn::Load(d, left + at), one);
      const auto now = hn::IfThenElse(hit, full, c);
      hn::Store(now, d, left + at);
      return hn::Ne(now, zero);
    });
}

void count_down_8(std::uint8_t* left, const host_mask& hits, std::uint8_t window,
                  host_mask& alive) {
  count_down_as(left, hits, window, alive);
}

void count_down_16(std::uint16_t* left, const host_mask& hits, std::uint16_t window,
                   host_mask& alive) {
  count_down_as(left, hits, window, alive);
}

// Eight lanes, in as many vectors as they take: so every target adds in the same order.
void total(const double* column, value_total& out) {
  constexpr std::size_t lanes = 8;
  const doubles d;
  const std::size_t n = hn::Lanes(d);
  alignas(64) double sum[lanes] = {}, count[lanes] = {}, min[lanes], max[lanes];
  std::fill_n(min, lanes, value_total{}.min);
  std::fill_n(max, lanes, value_total{}.max);
  for (std::size_t at = 0; at < lanes; at += n) {
    auto s = hn::Zero(d), c = hn::Zero(d);
    auto least = hn::Load(d, min + at), most = hn::Load(d, max + at);
    const auto one = hn::Set(d, 1.0);
    for (std::size_t i = at; i < block_hosts; i += lanes) {
      const auto v = hn::Load(d, column + i);
      const auto there = hn::Eq(v, v); // and comparisons with "no value" are false
      s = hn::Add(s, hn::IfThenElseZero(there, v));
      c = hn::Add(c, hn::IfThenElseZero(there, one));
      least = hn::IfThenElse(hn::Lt(v, least), v, least);
      most = hn::IfThenElse(hn::Gt(v, most), v, most);
    }
    hn::Store(s, d, sum + at);
    hn::Store(c, d, count + at);
    hn::Store(least, d, min + at);
    hn::Store(most, d, max + at);
  }
  for (std::size_t l = 0; l < lanes; ++l)
    out.add({static_cast<std::uint64_t>(count[l]), sum[l], min[l], max[l]});
}

std::int64_t target_in_use() {
  return HWY_TARGET;
}

} // namespace tocsin::column_ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tocsin::column_ops {

HWY_EXPORT(present);
HWY_EXPORT(compare);
HWY_EXPORT(compare_pairs);
HWY_EXPORT(compare_differ);
HWY_EXPORT(compare_pairs_differ);
HWY_EXPORT(slide_sums);
HWY_EXPORT(count_down_8);
HWY_EXPORT(count_down_16);
HWY_EXPORT(total);
HWY_EXPORT(target_in_use);

void present(const double* column, host_mask& out) {
  HWY_DYNAMIC_DISPATCH(present)(column, out);
}

void compare(const double* column, comparison cmp, double threshold, host_mask& out) {
  HWY_DYNAMIC_DISPATCH(compare)(column, cmp, threshold, out);
}

void compare_pairs(const double* hi, const double* lo, bool ge, double bound_hi, double bound_lo,
                   host_mask& out) {
  HWY_DYNAMIC_DISPATCH(compare_pairs)(hi, lo, ge, bound_hi, bound_lo, out);
}

bool compare(const double* column, comparison cmp, double threshold, const difference& d) {
  return HWY_DYNAMIC_DISPATCH(compare_differ)(column, cmp, threshold, d);
}

bool compare_pairs(const double* hi, const double* lo, bool ge, double bound_hi, double bound_lo,
                   const difference& d) {
  return HWY_DYNAMIC_DISPATCH(compare_pairs_differ)(hi, lo, ge, bound_hi, bound_lo, d);
}

bool differ(const host_mask& mask, const difference& d) {
  std::uint64_t any = 0;
  for (std::size_t w = 0; w < block_words; ++w) {
    d.out[w] = (mask[w] ^ d.flip ^ d.known[w]) & d.among[w];
    any |= d.out[w];
  }
  return any != 0;
}

slide_state slide_sums(const double* in, const double* out, double* hi, double* lo,
                       std::size_t from, host_mask& inexact) {
  return HWY_DYNAMIC_DISPATCH(slide_sums)(in, out, hi, lo, from, inexact);
}

void count_down(std::uint8_t* left, const host_mask& hits, std::uint8_t window, host_mask& alive) {
  HWY_DYNAMIC_DISPATCH(count_down_8)(left, hits, window, alive);
}

void count_down(std::uint16_t* left, const host_mask& hits, std::uint16_t window,
                host_mask& alive) {
  HWY_DYNAMIC_DISPATCH(count_down_16)(left, hits, window, alive);
}

value_total total(const double* column) {
  value_total out;
  HWY_DYNAMIC_DISPATCH(total)(column, out);
  return out;
}

std::string_view target() {
  return hwy::TargetName(HWY_DYNAMIC_DISPATCH(target_in_use)());
}

std::vector<std::int64_t> targets() {
  return hwy::SupportedAndGeneratedTargets();
}

void use_target(std::int64_t one) {
  hwy::SetSupportedTargetsForTest(one);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

} // namespace tocsin::column_ops
#endif
