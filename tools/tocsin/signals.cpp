#include "tools/tocsin/signals.hpp"

#include <csignal>
#include <ctime>
#include <fmt/format.h>

namespace tocsin {

namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

} // namespace

stop_signals::stop_signals() {
  const auto set = stop_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool stop_signals::wait_ms(std::int64_t ms) const {
  if (came_)
    return true;
  const auto set = stop_set();
  const timespec limit{ms / 1000, ms % 1000 * 1'000'000};
  came_ = sigtimedwait(&set, nullptr, &limit) > 0;
  return came_;
}

std::string self_url(const http::listen_address& listen, std::uint16_t port) {
  auto host = listen.host;
  if (host == "0.0.0.0")
    host = "127.0.0.1";
  else if (host == "::")
    host = "::1";
  return fmt::format("http://{}/healthz", http::to_string({host, port}));
}

} // namespace tocsin
