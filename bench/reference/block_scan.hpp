#pragma once

#include "streams/window/tick_history.hpp"
#include "streams/window/tick_ring.hpp"
#include "streams/window/window_masks.hpp"

#include <array>
#include <cstdint>

namespace tocsin {

/// The plain way to what sliding_block does, for tests and `bench evaluate --verify`: loops without
/// vector instructions and without any state between ticks, exact sums apart.
///
/// The aggregates of one field over the windows that end at one tick, for the 1,024 hosts of a
/// block at once. Windows are nested, so one pass from the newest tick backwards serves all of
/// them: extend() to each length in turn, reading off the results in between. Cost:
/// O(longest window × hosts), no state between ticks. A scratch object of 100 KB; reuse it.
///
/// Sums are exact: two-sum pairs (Knuth, Møller) hold the sum of nearly all windows without an
/// error; the rest is summed again as expansions (Shewchuk).
class block_scan {
public:
  struct wanted {
    bool sums = true;
    bool extrema = true;
  };
  /// Starts at tick `newest`, with an empty window. Both must outlive the scan. Rules are checked
  /// at every `check_ticks` ticks.
  void begin(const field_block&, const tick_history&, tick newest, wanted,
             std::int64_t check_ticks = 1);
  /// Lengthens the window to `ticks`; never shortens it.
  void extend(std::int64_t ticks);

  // Of the window as it is. Columns hold 0 where a host has no value in it.
  const host_column& counts() const { return count_; }
  const host_column& minima() const { return min_; }
  const host_column& maxima() const { return max_; }
  const host_column& newest_values() const { return last_; }
  /// What a verdict asks of the window.
  window_masks masks() const;
  void sums(host_column& out) const;
  void averages(host_column& out) const;

  /// Hosts whose first tick with the field is not after the newest tick.
  const host_mask& started() const { return started_; }
  /// Hosts with a value in the window; with a value at one of its ticks since the check before.
  const host_mask& any_value() const { return any_value_; }
  const host_mask& recent_value() const { return recent_value_; }
  /// Hosts with a missing tick in the window (SEMANTICS: missing ticks); with one that lies before
  /// the host's first; with one after the newest value; with more than half of the ticks missing.
  const host_mask& missing() const { return missing_; }
  const host_mask& missing_before_first() const { return missing_first_; }
  const host_mask& missing_after_value() const { return missing_after_value_; }
  const host_mask& missing_more_than_half() const { return missing_half_; }

private:
  void find_slipped();
  void add_row(const double* row);
  void add_sums(const double* row);
  void add_extrema(const double* row);
  void note_missing(const host_mask& missing);
  void finish_masks();
  double exact(std::size_t host, bool divide) const;

  const field_block* block_ = nullptr;
  const tick_history* history_ = nullptr;
  tick newest_ = 0;
  std::int64_t ticks_ = 0;
  std::int64_t check_ticks_ = 1;
  wanted wanted_;
  bool any_blind_ = false;
  alignas(64) std::array<tick, block_hosts> first_;
  alignas(64) host_column count_, hi_, lo_, inexact_, min_, max_, last_, missing_count_;
  host_mask started_, any_value_, recent_value_, slipped_;
  host_mask missing_blind_, missing_, missing_first_, missing_after_value_, missing_half_;
};

} // namespace tocsin
