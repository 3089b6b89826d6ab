#pragma once

#include "actors/http/session.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

namespace tocsin::http {

/// The one deadline of a session. It is set several times per request, so the timer behind it moves
/// only where it would ring too late, and rings too early otherwise: ask `due`. On the session's
/// executor.
class lazy_timer {
public:
  using steady = std::chrono::steady_clock;

  explicit lazy_timer(const session_executor& on) : timer_(on) {}

  /// `ring` holds whoever owns this.
  template <class Ring>
  void set(std::chrono::milliseconds span, Ring ring) {
    deadline_ = steady::now() + span;
    if (!runs_ || timer_.expiry() > deadline_) {
      arm(std::move(ring));
    }
  }
  /// Rings at the deadline that is set.
  template <class Ring>
  void arm(Ring ring) {
    runs_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([this, ring = std::move(ring)](boost::system::error_code ec) {
      if (!ec) {
        runs_ = false;
        ring();
      }
    });
  }
  bool due() const { return steady::now() >= deadline_; }
  void cancel() { timer_.cancel(); }

private:
  boost::asio::basic_waitable_timer<steady, boost::asio::wait_traits<steady>, session_executor>
      timer_;
  steady::time_point deadline_{};
  bool runs_ = false;
};

} // namespace tocsin::http
