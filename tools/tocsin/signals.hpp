#pragma once

#include "actors/http/address.hpp"

#include <cstdint>
#include <string>

namespace tocsin {

/// SIGTERM and SIGINT, blocked for every thread that is started while this lives, and waited for
/// here. Make it before any thread.
class stop_signals {
public:
  stop_signals();

  /// Whether one has come, or comes within that time. From one thread.
  bool wait_ms(std::int64_t ms) const;

private:
  mutable bool came_ = false; // taking a signal must not make others miss it
};

/// Where a server that listens there can reach itself.
std::string self_url(const http::listen_address& listen, std::uint16_t port);

} // namespace tocsin
