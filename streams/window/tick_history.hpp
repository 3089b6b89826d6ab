#pragma once

#include "streams/window/tick.hpp"

#include <deque>

namespace tocsin {

/// Which sealed ticks were blind, and how many were not: what windows and host expiry ask.
/// Written at a seal, read between seals; memory grows with the blind stretches remembered.
class tick_history {
public:
  tick_history() = default;
  /// Begins with nothing before `first`: those ticks are held to be blind, for nobody knows what
  /// they held. `non_blind_before`: how many non-blind ticks the log has seen before it.
  explicit tick_history(tick first, std::int64_t non_blind_before = 0)
      : first_(first), last_(first - 1), values_from_(first), before_(non_blind_before) {}

  /// The values of ticks before n are gone (the log was trimmed): windows see those as blind.
  void lose_values_before(tick n) { values_from_ = n; }
  /// The first tick whose values and blindness are known.
  tick values_from() const { return values_from_; }

  /// The next `count` ticks after last() were sealed.
  void push(bool blind, std::int64_t count = 1);

  bool empty() const { return last_ < first_; }
  tick first() const { return first_; }
  tick last() const { return last_; }

  /// Whether tick n was blind, or its values are not known. O(log stretches).
  bool blind(tick n) const;

  /// How many non-blind ticks were sealed up to and including tick n; for an n before the first
  /// tick as many as before it, after the last as many as up to it.
  std::int64_t non_blind(tick n) const;

private:
  // Enough for a year of daily outages; beyond it the oldest are taken for one stretch.
  static constexpr std::size_t stretches_max = 4096;
  struct stretch {
    tick from;
    tick to;                   // inclusive
    std::int64_t blind_before; // blind ticks since first_ before `from`
  };
  tick first_ = 0;
  tick last_ = -1;
  tick values_from_ = 0;
  std::int64_t before_ = 0;
  std::int64_t blind_total_ = 0;
  std::deque<stretch> stretches_;
};

} // namespace tocsin
