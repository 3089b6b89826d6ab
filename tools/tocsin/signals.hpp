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

  /// Whether one came within that time.
  bool wait_ms(std::int64_t ms) const;
};

/// Where a server that listens there can reach itself.
std::string self_url(const http::listen_address& listen, std::uint16_t port);

} // namespace tocsin
