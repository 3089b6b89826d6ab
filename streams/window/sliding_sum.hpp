#pragma once

#include "streams/window/column_ops.hpp"
#include "streams/window/tick_ring.hpp"

#include <memory>

namespace tocsin {

/// The exact sums of a window that slides over a field and block: 1,024 pairs hi + lo of doubles
/// that do not overlap, so hi is the sum rounded once. O(hosts) per tick whatever the window's
/// length. Memory: 8 bytes per host, 16 from the first sum on that is no double.
///
/// A sum that no pair can hold (its host is then in inexact()) is taken again from the ring at each
/// tick, in O(window), until one holds it.
class sliding_sum {
public:
  sliding_sum(std::int64_t ticks, std::pmr::memory_resource* memory)
      : ticks_(ticks), memory_(memory) {}

  /// From the window that ends at n − 1 to that which ends at n.
  void slide(const field_block&, tick n);
  /// Takes every sum again from the ring. O(window × hosts).
  void rebuild(const field_block&, tick n);

  /// A late value fills a place of the window.
  void fill(std::size_t host, double value);
  void clear_host(std::size_t host);

  /// The sums, rounded once.
  const double* sums() const { return hi_ ? hi_->data() : zeros.data(); }
  /// What rounding took from them; null: nothing anywhere.
  const double* rests() const { return lo_used_ ? lo_->data() : nullptr; }
  const host_mask& inexact() const { return inexact_; }

  double sum(std::size_t host) const { return hi_ ? (*hi_)[host] : 0.0; }
  /// The sum divided by the count of values, rounded once. `n`: the tick that the window ends at.
  double average(const field_block&, tick n, std::size_t host, double count) const;

private:
  struct alignas(64) column : host_column {
    column() : host_column{} {}
  };
  static const column zeros;
  void add(const double* in, const double* out);
  void need_hi();
  void need_lo();
  void settle(const field_block&, tick n);

  std::int64_t ticks_;
  std::pmr::memory_resource* memory_;
  memory_ptr<column> hi_; // made with the first value
  memory_ptr<column> lo_; // made with the first rest
  bool lo_used_ = false;  // some lo is not zero
  host_mask inexact_{};
};

} // namespace tocsin
