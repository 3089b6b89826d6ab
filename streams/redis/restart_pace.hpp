#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tocsin::redis {

/// How often a server that keeps ending is started again: at once where the last start is long ago,
/// else after pauses that double up to ten seconds. Told the time (monotonic). One thread.
class restart_pace {
public:
  static constexpr std::int64_t pause_first_ms = 500, pause_longest_ms = 10'000;
  static constexpr std::int64_t lived_ms = 30'000; ///< what lived so long did not end at once

  bool may_start(std::int64_t now_ms) const {
    return !started_ms_ || now_ms >= *started_ms_ + pause_ms_;
  }
  void started(std::int64_t now_ms) {
    const bool again = started_ms_ && now_ms - *started_ms_ < lived_ms;
    pause_ms_ = again ? std::min(pause_ms_ * 2, pause_longest_ms) : pause_first_ms;
    started_ms_ = now_ms;
  }

private:
  std::optional<std::int64_t> started_ms_;
  std::int64_t pause_ms_ = 0;
};

} // namespace tocsin::redis
