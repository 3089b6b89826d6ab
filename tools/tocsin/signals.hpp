#pragma once

#include <csignal>
#include <cstdint>

namespace tocsin {

/// What SIGHUP means to a program: that its terminal is gone, or that it is to read its files
/// again.
enum class hangup : std::uint8_t { ends, asks };

/// SIGTERM and SIGINT, and SIGHUP where it asks for something, blocked for every thread that is
/// started while this lives, and waited for here. Make it before any thread.
class stop_signals {
public:
  explicit stop_signals(hangup what = hangup::ends);

  /// Whether a signal to stop has come, or comes within that time; returns early, too, when one
  /// that asks comes. From one thread.
  bool wait_ms(std::int64_t ms) const;
  /// Whether a SIGHUP has come since the last call.
  bool take_hangup() const;

private:
  sigset_t set_;
  mutable bool came_ = false; // taking a signal must not make others miss it
  mutable bool hung_up_ = false;
};

} // namespace tocsin
