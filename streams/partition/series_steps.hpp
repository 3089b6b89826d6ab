#pragma once

#include "streams/window/tick.hpp"
#include "streams/window/value_total.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// Which ticks a chart shows, and how many of them a step puts together.
struct series_frame {
  static constexpr std::int64_t steps_max = 2'000;
  static constexpr std::int64_t ticks_max = 200'000; ///< of a longer time, the newest; of a step

  tick_grid grid;
  tick first = 0, last = -1; ///< first is a multiple of step_ticks; none: last < first
  std::int64_t step_ticks = 1;

  std::int64_t step_ms() const { return step_ticks * grid.interval_ms; }
  std::size_t steps() const {
    return last < first ? 0 : static_cast<std::size_t>(last / step_ticks - first / step_ticks + 1);
  }

  /// Of the time from `from_ms` up to and without `to_ms`, up to tick `newest`. The step is rounded
  /// up to whole ticks, and made longer where there would be more than steps_max; no step is longer
  /// than ticks_max, so that memory does not depend on what is asked for.
  static series_frame of(const tick_grid& grid, std::int64_t from_ms, std::int64_t to_ms,
                         std::int64_t step_ms, tick newest);
};

/// The steps of some fields: what was reported in each, and which ticks were blind.
class series_steps {
public:
  series_steps(const series_frame& frame, std::size_t fields);

  /// Ticks outside of the frame are passed over.
  void add(std::size_t field, tick n, const value_total& what);
  void note_blind(tick n);
  /// Ticks before n are not known: steps that have some are left out. Where `nothing_before` it
  /// there was none, so that its step has all that there ever was.
  void know_from(tick n, bool nothing_before = false);

  tick first() const { return first_; }
  const value_total& at(std::size_t field, std::size_t step) const;

  /// `"from":…,"to":…,"step":…,"interval":…,"time":[…],"series":[…],"blind":[…]`.
  std::string json(const std::vector<std::string>& names) const;

private:
  std::size_t skipped() const {
    return static_cast<std::size_t>(first_ / frame_.step_ticks - frame_.first / frame_.step_ticks);
  }
  std::string blind_json() const;
  template <class Value>
  std::string array(std::size_t field, Value value_of) const;

  series_frame frame_;
  tick first_;                      // the first that is shown; a multiple of step_ticks
  std::vector<value_total> totals_; // field × steps
  std::vector<bool> blind_;         // by tick
};

} // namespace tocsin
