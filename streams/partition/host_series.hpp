#pragma once

#include "streams/partition/cluster_history.hpp"
#include "streams/partition/host_history.hpp"
#include "streams/partition/series_steps.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// What one host reported, as far as windows and the past of hosts hold it: the newest part of a
/// chart, gathered step by step. When a tick was sealed since, or the past lost ticks, it begins
/// anew.
///
/// 1. From known_from() on its values and blind ticks are those that the log gives. Nothing is
///    taken from before the entry that made the host known: what it had reported in a former life
///    was forgotten with it, but still stands in the log.
/// 2. What is held added up by the minute is taken where it lies within the steps asked for, and
///    nothing can have come too late for it; then known_from() is the beginning of a step.
/// 3. A step takes about a millisecond at most.
/// 4. Memory: that of series_steps.
class host_series {
public:
  /// Of the time from `from_ms` up to and without `to_ms`.
  struct question {
    std::string host;
    std::vector<std::string> fields;
    std::int64_t from_ms, to_ms, step_ms;
  };
  explicit host_series(question q) : asked_(std::move(q)) {}

  /// true: that was the last step. `all` knows which ticks were blind before this engine was.
  bool step(const intake&, const host_history& past, const cluster_history& all);

  // After the last step.
  /// The last sealed tick; tick_min: none, and nothing else is known then.
  tick newest() const { return newest_; }
  const series_frame& frame() const { return frame_; }
  /// The ticks of the frame from here on are in steps(); none: beyond the last.
  tick known_from() const { return known_from_; }
  const series_steps& steps() const { return *steps_; }

private:
  struct field {
    std::optional<field_index> index;
    bool summed = false; // the summaries reach further back than its ticks
  };
  void begin(const intake&, const host_history& past, const cluster_history& all);
  tick blindness_from(const intake&, const cluster_history& all);
  tick held_from(field&, const intake&, const host_history& past) const;
  std::optional<tick> summed_from(field_index, const intake&, const host_history& past) const;
  void read_blind(tick to, const intake&);
  void read_ticks(tick to, const intake&, const host_history& past);
  void read_summaries(const host_history& past);

  question asked_;
  bool begun_ = false;
  tick newest_ = tick_min;
  std::uint64_t past_version_ = 0;
  host_index host_ = 0;
  series_frame frame_;
  std::optional<series_steps> steps_;
  std::vector<field> fields_;
  tick known_from_ = 0;
  std::size_t field_ = 0; // under way; behind the last one, which ticks were blind
  tick next_ = 0;         // of it
};

} // namespace tocsin
