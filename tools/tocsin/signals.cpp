#include "tools/tocsin/signals.hpp"

#include <ctime>
#include <utility>

namespace tocsin {

stop_signals::stop_signals(hangup what) {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  if (what == hangup::asks)
    sigaddset(&set_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool stop_signals::wait_ms(std::int64_t ms) const {
  if (came_)
    return true;
  const timespec limit{ms / 1000, ms % 1000 * 1'000'000};
  const int got = sigtimedwait(&set_, nullptr, &limit);
  hung_up_ |= got == SIGHUP;
  came_ = got == SIGTERM || got == SIGINT;
  return came_;
}

bool stop_signals::take_hangup() const {
  return std::exchange(hung_up_, false);
}

} // namespace tocsin
