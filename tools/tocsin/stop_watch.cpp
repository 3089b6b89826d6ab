#include "tools/tocsin/stop_watch.hpp"

namespace tocsin {

namespace {

constexpr std::int64_t look_ms = 100;

} // namespace

stop_watch::~stop_watch() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  thread_.join();
}

void stop_watch::watch(const std::function<void()>& at_signal) {
  for (;;) {
    const bool came = signals_.wait_ms(look_ms);
    {
      const std::lock_guard lock(mutex_);
      if (over_)
        return;
      came_ = came;
    }
    if (came) {
      changed_.notify_all();
      return at_signal();
    }
  }
}

bool stop_watch::wait_ms(std::int64_t ms) const {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return came_; });
}

} // namespace tocsin
