#pragma once

#include "streams/window/sliding_sum.hpp"
#include "streams/window/window_masks.hpp"

#include <span>
#include <vector>

namespace tocsin {

/// What the windows of one length hold, host by host: how many values, and their exact sum.
struct sliding_window {
  std::int64_t ticks;
  bool summed; ///< somebody asks for the sums
  sliding_sum sums;
  std::array<std::uint16_t, block_hosts> counts{};
  host_mask any_value{}; ///< counts that are not zero
  host_mask full{};      ///< counts that are `ticks`: no tick is without a value
};

/// The windows of one field and block, sliding from tick to tick in O(windows × hosts), whatever
/// their lengths. Owned by the rule actor that checks the block.
///
/// 1. After advance(n) everything here is a function of the rows of the ring alone: a state that
///    slid there, was patched and slid on, and one that was built at n, are bit for bit the same
///    (but for sums of which one could be held as a pair and one not; both round alike).
/// 2. Counts and masks change only where a host reports and did not a window ago, or the reverse: a
///    block in which every host reports every tick pays nothing for them.
class sliding_block {
public:
  struct window_kind {
    std::int64_t ticks;
    bool summed;
  };
  /// By length, ascending; at least one. Rules are checked at every `check_ticks` ticks.
  sliding_block(std::span<const window_kind>, std::int64_t check_ticks, std::pmr::memory_resource*);

  /// Moves every window to end at tick n. From n − 1 it applies the patches of the seal and slides;
  /// from anywhere else it is built again from the ring in O(sum of the windows × hosts).
  /// Returns whether it slid. Sums are still where they were: slide_sums() each window after it.
  bool advance(const field_block&, field_index, tick n, std::span<const ring_patch>);

  /// Moves the sums of a window, if it has some, after the rest; once for each advance(), right
  /// before they are needed, so that they lie in the nearest cache.
  void slide_sums(std::size_t window, const field_block&);

  const sliding_window& window(std::size_t i) const { return windows_[i]; }
  /// The tick at which the windows end.
  tick newest() const { return at_; }

  /// Hosts with a value at tick t, for ticks of the longest window and those before that a check
  /// looks at.
  const host_mask& present(tick t) const { return present_[slot(t)]; }
  /// Hosts whose first tick with the field is not after the newest tick.
  const host_mask& started() const { return started_; }

  /// Whether every host that has started has a value at every tick of the window: then nothing is
  /// missing, and no mask but started() matters.
  bool whole(std::size_t window) const;
  /// What is missing in a window. `blind`: the blind ticks of the longest window, newest first.
  void masks(std::size_t window, const field_block&, std::span<const tick> blind,
             window_masks&) const;

  /// The newest value of each host in the longest window: the newest row itself where it has
  /// them all, else put together in `scratch`. Means nothing for hosts without a value.
  const double* newest_values(const field_block&, host_column& scratch) const;

private:
  // Tick −2 is the oldest that anybody asks for.
  std::size_t slot(tick t) const { return static_cast<std::size_t>(t + 2) % present_.size(); }
  void slide(const field_block&, tick n);
  void rebuild(const field_block&, tick n);
  void patch(const ring_patch&);
  void note_present(const field_block&, tick n);
  void count(sliding_window&, tick n);
  void recount(sliding_window&, const host_mask& in, const host_mask& out);
  bool same_present(tick a, tick b) const { return presence_[slot(a)] == presence_[slot(b)]; }
  void find_started(const field_block&);
  void note_slipped(const field_block&, window_masks&) const;
  void note_blind(std::int64_t ticks, std::span<const tick> blind, window_masks&) const;

  std::int64_t check_ticks_;
  std::vector<sliding_window> windows_;
  std::vector<host_mask> present_; // longest window and the ticks before it, as a ring
  // Masks of one number are equal: a tick is compared with another without reading their masks.
  std::vector<std::uint32_t> presence_;
  std::uint32_t last_presence_ = 0;
  tick at_ = tick_min - 1;
  bool slid_ = false; // by the last advance()
  host_mask started_{};
  tick started_at_ = tick_min; // when that was found out
  std::uint32_t firsts_seen_ = ~std::uint32_t{0};
  tick youngest_ = tick_min; // the latest first tick of all hosts
};

} // namespace tocsin
