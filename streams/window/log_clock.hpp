#pragma once

#include <cstdint>
#include <optional>

namespace tocsin {

/// Log time of a live log: made from the ids of old entries and from Redis's clock, either of which
/// may step, freeze or lie, and never going back. Pure: all clocks are arguments.
///
/// 1. While the log's end was not reached since the start, or an entry is more than a second older
///    than Redis's TIME, its id's ms counts, at most TIME.
/// 2. Else TIME counts; from the second one on at most a second ahead of the last one plus what a
///    monotonic clock measured between them, until that difference has stood for 30 s.
class log_clock {
public:
  /// Begins at `floor_ms`, which was reached before.
  explicit log_clock(std::int64_t floor_ms = 0) : value_ms_(floor_ms) {}

  /// Redis's TIME, taken before a read, and this machine's monotonic clock when it was asked.
  void note_time(std::int64_t redis_ms, std::int64_t monotonic_ms) {
    note_time(redis_ms, monotonic_ms, monotonic_ms);
  }
  /// The same where the answer took until `answered_ms`: a slow Redis took its time at any moment
  /// between the two, and that is no step of its clock.
  void note_time(std::int64_t redis_ms, std::int64_t asked_ms, std::int64_t answered_ms);

  /// The log's end was reached by that read.
  void note_end() { caught_up_ = true; }
  bool caught_up() const { return caught_up_; }

  /// The log time of an entry of the last read.
  std::int64_t at_entry(std::uint64_t id_ms);
  /// The log time behind the last entry; none before the end was reached.
  std::optional<std::int64_t> at_end();

  /// Redis's TIME was noted: before, expected() knows nothing.
  bool running() const { return redis_ms_.has_value(); }
  /// The log time that a monotonic time is expected to have.
  std::int64_t expected(std::int64_t monotonic_ms) const;

  /// How far Redis's clock is ahead of what is believed; below zero: behind. 0 when they agree.
  std::int64_t disagreement_ms() const { return disagreement_ms_; }
  /// Steps of Redis's clock seen so far.
  std::uint64_t steps() const { return steps_; }

private:
  static constexpr std::int64_t old_entry_ms = 1'000;
  static constexpr std::int64_t step_ms = 1'000;
  static constexpr std::int64_t believe_after_ms = 30'000;

  std::int64_t value_ms_;
  bool caught_up_ = false;
  std::optional<std::int64_t> redis_ms_; // as believed
  std::int64_t monotonic_ms_ = 0;
  std::optional<std::int64_t> stepped_at_ms_; // monotonic
  std::int64_t disagreement_ms_ = 0;
  std::uint64_t steps_ = 0;
};

} // namespace tocsin
