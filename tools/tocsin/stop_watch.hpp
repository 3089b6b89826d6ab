#pragma once

#include "tools/tocsin/signals.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace tocsin {

/// Waits for SIGINT and SIGTERM in a thread of its own while another is busy, and does something
/// when one comes: end what the other waits for. Make it before any thread.
class stop_watch {
public:
  explicit stop_watch(std::function<void()> at_signal)
      : thread_([this, at_signal = std::move(at_signal)] { watch(at_signal); }) {}
  ~stop_watch();
  stop_watch(const stop_watch&) = delete;
  stop_watch& operator=(const stop_watch&) = delete;

  /// Lets time pass; false at once when a signal comes, or has come.
  bool wait_ms(std::int64_t ms) const;

private:
  void watch(const std::function<void()>& at_signal);

  stop_signals signals_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool came_ = false, over_ = false;
  std::thread thread_; // last: it uses the others
};

} // namespace tocsin
