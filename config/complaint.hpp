#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// When to speak of an error that repeats: once with its cause, and once more when it is over.
/// Times are monotonic. One thread.
///
/// 1. A cause that was said is not said again until the trouble is over. Another cause is, up to
///    `causes_max` of them: whatever changes in a text cannot flood the log.
/// 2. Trouble that is back within `calm_ms` of its end comes and goes: it is said once more, and is
///    over only when nothing has failed for `calm_ms`.
class complaint {
public:
  static constexpr std::size_t causes_max = 4;
  static constexpr std::int64_t calm_ms = 30'000;

  /// Something failed. true: say so.
  bool fails(std::string_view cause, std::int64_t now_ms) {
    if (causes_.empty())
      calm_needed_ms_ = ended_ms_ && now_ms - *ended_ms_ < calm_ms ? calm_ms : 0;
    failed_ms_ = now_ms;
    if (causes_.size() >= causes_max ||
        std::find(causes_.begin(), causes_.end(), cause) != causes_.end())
      return false;
    causes_.emplace_back(cause);
    return true;
  }

  /// It worked; to be told often. true: say that the trouble is over.
  bool works(std::int64_t now_ms) {
    if (causes_.empty() || now_ms - failed_ms_ < calm_needed_ms_)
      return false;
    causes_.clear();
    ended_ms_ = now_ms;
    return true;
  }

  bool going_on() const { return !causes_.empty(); }

private:
  std::vector<std::string> causes_; // that were said
  std::int64_t failed_ms_ = 0;      // the last time
  std::int64_t calm_needed_ms_ = 0;
  std::optional<std::int64_t> ended_ms_;
};

} // namespace tocsin
