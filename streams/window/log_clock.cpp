#include "streams/window/log_clock.hpp"

#include <algorithm>

namespace tocsin {

void log_clock::note_time(std::int64_t redis_ms, std::int64_t asked_ms, std::int64_t answered_ms) {
  if (!redis_ms_ || !caught_up_) {
    redis_ms_ = redis_ms;
    monotonic_ms_ = asked_ms;
    return;
  }
  // When it was taken, if its clock goes as ours does.
  const auto took_ms = std::max<std::int64_t>(answered_ms - asked_ms, 0);
  const auto monotonic_ms =
      asked_ms + std::clamp<std::int64_t>(redis_ms - expected(asked_ms), 0, took_ms);
  const auto expected_ms = expected(monotonic_ms);
  disagreement_ms_ = redis_ms - expected_ms;
  if (disagreement_ms_ <= step_ms && disagreement_ms_ >= -step_ms) {
    stepped_at_ms_.reset();
    disagreement_ms_ = 0;
    redis_ms_ = redis_ms;
  } else if (!stepped_at_ms_) {
    ++steps_;
    stepped_at_ms_ = monotonic_ms;
    redis_ms_ = expected_ms;
  } else if (monotonic_ms - *stepped_at_ms_ >= believe_after_ms) {
    // It has stood: time did jump. The value itself still never goes back.
    stepped_at_ms_.reset();
    redis_ms_ = redis_ms;
  } else {
    redis_ms_ = expected_ms;
  }
  monotonic_ms_ = monotonic_ms;
}

std::int64_t log_clock::expected(std::int64_t monotonic_ms) const {
  return redis_ms_.value_or(value_ms_) + (monotonic_ms - monotonic_ms_);
}

std::int64_t log_clock::at_entry(std::uint64_t id_ms) {
  const auto now = redis_ms_.value_or(value_ms_);
  const auto id = static_cast<std::int64_t>(std::min<std::uint64_t>(id_ms, INT64_MAX));
  const bool old = !caught_up_ || id < now - old_entry_ms;
  value_ms_ = std::max(value_ms_, old ? std::min(id, now) : now);
  return value_ms_;
}

std::optional<std::int64_t> log_clock::at_end() {
  if (!caught_up_)
    return std::nullopt;
  value_ms_ = std::max(value_ms_, redis_ms_.value_or(value_ms_));
  return value_ms_;
}

} // namespace tocsin
