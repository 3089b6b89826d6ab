#pragma once

#include <atomic>
#include <cstdint>

namespace tocsin {

/// Whether Redis is away, for all who hold a connection to it: each finds out when it next needs
/// its own, be that after Redis is back, but it is one outage, and is said once. Times are
/// monotonic. Any thread.
class redis_outage {
public:
  /// A connection that worked at this time, the last one known, is lost, or could not be made then.
  /// true: nobody knew.
  bool begins(std::int64_t worked_ms) {
    return worked_ms >= back_ms_.load() && !away_.exchange(true);
  }
  /// A connection works. true: it is the first one in an outage, which is over.
  bool ends(std::int64_t now_ms) {
    if (!away_.load())
      return false;
    back_ms_ = now_ms; // first: who finds out meanwhile is late
    return away_.exchange(false);
  }

private:
  std::atomic<bool> away_{false};
  std::atomic<std::int64_t> back_ms_{0}; // when the last outage ended
};

} // namespace tocsin
