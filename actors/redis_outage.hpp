#pragma once

#include "config/complaint.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

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

/// A Redis that answers and lets nobody in (another password, `maxclients`), for all who hold a
/// connection to it: each cause is said once, whomever it meets, and that all are let in again,
/// once. Times are monotonic. Any thread.
class redis_refusals {
public:
  /// One was refused; `again`: as it was before. true: say so.
  bool refused(std::string_view cause, bool again, std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    waiting_ += again ? 0 : 1;
    return said_.fails(cause, now_ms);
  }
  /// One that was refused got in, or is needed no more. true: say that nobody is refused.
  bool admitted(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    return --waiting_ == 0 && said_.works(now_ms);
  }

private:
  std::mutex mutex_;
  complaint said_;
  int waiting_ = 0; // who are refused
};

/// What was last said of something, for those who ask. Any thread.
class last_words {
public:
  void set(std::string what) {
    const std::lock_guard lock(mutex_);
    what_ = std::move(what);
  }
  std::string get() const {
    const std::lock_guard lock(mutex_);
    return what_;
  }

private:
  mutable std::mutex mutex_;
  std::string what_;
};

} // namespace tocsin
