#include "streams/window/seal_clock.hpp"

#include <algorithm>
#include <cassert>

namespace tocsin {

seal_clock seal_clock::resume(tick_grid grid, tick sealed, std::int64_t last_entry_ms,
                              bool heartbeat_seen) {
  seal_clock clock(grid);
  clock.next_ = sealed + 1;
  clock.last_entry_ms_ = last_entry_ms;
  clock.heartbeat_seen_ = heartbeat_seen;
  return clock;
}

void seal_clock::arrive(std::int64_t log_ms) {
  if (!next_)
    next_ = grid_.of(log_ms);
  // Before the first heartbeat nobody promised to write, so silence says nothing.
  if (heartbeat_seen_ && silent(log_ms))
    gaps_.push_back({*last_entry_ms_, log_ms});
}

bool seal_clock::blind(tick n, bool silent_now) const {
  if (silent_now && heartbeat_seen_ && *last_entry_ms_ < grid_.seal_ms(n))
    return true;
  for (const auto& g : gaps_)
    if (g.begin_ms < grid_.seal_ms(n) && g.end_ms > grid_.start_ms(n))
      return true;
  return false;
}

void seal_clock::advance(tick sealed) {
  assert(next_ && *next_ == sealed);
  advance_to(sealed + 1);
}

void seal_clock::advance_to(tick next) {
  next_ = next;
  while (!gaps_.empty() && gaps_.front().end_ms <= grid_.start_ms(*next_))
    gaps_.pop_front();
}

seal_clock::decision seal_clock::seal(bool silent_now) {
  const decision d{*next_, blind(*next_, silent_now)};
  advance(d.sealed);
  return d;
}

std::int64_t seal_clock::alike_until(std::int64_t log_ms) const {
  const auto due = grid_.of(log_ms - grid_.grace_ms) - *next_;
  if (due <= 1 || gaps_.size() > 1)
    return std::min<std::int64_t>(due, 1);
  // With one gap the blind ticks are a stretch: alike at both ends is alike between.
  const bool now_blind = blind(*next_, false);
  if (blind(*next_ + due - 1, false) == now_blind && (now_blind || gaps_.empty()))
    return due;
  return now_blind ? grid_.of(gaps_.front().end_ms - 1) - *next_ : 1;
}

void seal_clock::skip(std::int64_t ticks) {
  advance_to(*next_ + ticks);
}

void seal_clock::follow(tick sealed) {
  next_ = sealed;
  advance(sealed);
}

void seal_clock::enter(std::int64_t log_ms, bool heartbeat) {
  last_entry_ms_ = log_ms;
  heartbeat_seen_ = heartbeat_seen_ || heartbeat;
}

} // namespace tocsin
