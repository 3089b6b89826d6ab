#pragma once

#include "streams/window/tick.hpp"

#include <deque>
#include <optional>

namespace tocsin {

/// Decides from log times alone when ticks are sealed and which of them are blind. Owned by the
/// aggregator (or a replay); one thread.
///
/// For each entry the owner calls, in this order: arrive(time), then seal() while due(time), then
/// enter(time, heartbeat) and applies the entry. Invariants:
/// 1. Ticks seal in order and none is skipped; the first is the tick of the first entry.
/// 2. A gap is known before the ticks that its end seals.
/// 3. Gaps that can no longer touch a tick to come are dropped, so their number is bounded by the
///    ticks that are open.
class seal_clock {
public:
  explicit seal_clock(tick_grid grid) : grid_(grid) {}

  /// Goes on after tick `sealed`, whose entries ended at log time `last_entry_ms`.
  static seal_clock resume(tick_grid grid, tick sealed, std::int64_t last_entry_ms,
                           bool heartbeat_seen);

  /// Notes the time of the entry to come, and the gap before it if there is one.
  void arrive(std::int64_t log_ms);

  /// Whether the next tick is to be sealed before an entry of this log time is applied.
  bool due(std::int64_t log_ms) const { return next_ && log_ms >= grid_.seal_ms(*next_); }

  /// Whether the log has been silent for a gap at log time `log_ms`, with nothing behind it.
  bool silent(std::int64_t log_ms) const {
    return last_entry_ms_ && log_ms - *last_entry_ms_ > grid_.gap_ms();
  }

  struct decision {
    tick sealed;
    bool blind;
  };
  /// Seals the next tick. `silent_now`: the log is silent, so a gap has begun and not ended.
  decision seal(bool silent_now = false);

  bool next_is_blind() const { return blind(*next_, false); }
  /// How many ticks, from the next one on, are due at this log time and all as blind as the next.
  std::int64_t alike_until(std::int64_t log_ms) const;
  /// Seals as many at once; at most alike_until().
  void skip(std::int64_t ticks);

  /// Takes a decision over from a record (a committed row) instead of deciding.
  void follow(tick sealed);

  /// The entry that arrived is being applied.
  void enter(std::int64_t log_ms, bool heartbeat);

  /// The next tick to seal; none before the first entry.
  std::optional<tick> next() const { return next_; }
  bool heartbeat_seen() const { return heartbeat_seen_; }
  std::optional<std::int64_t> last_entry_ms() const { return last_entry_ms_; }
  const tick_grid& grid() const { return grid_; }

private:
  struct gap {
    std::int64_t begin_ms;
    std::int64_t end_ms;
  };
  bool blind(tick n, bool silent_now) const;
  void advance(tick sealed);
  void advance_to(tick next);

  tick_grid grid_;
  std::optional<tick> next_;
  std::optional<std::int64_t> last_entry_ms_;
  bool heartbeat_seen_ = false;
  std::deque<gap> gaps_;
};

} // namespace tocsin
