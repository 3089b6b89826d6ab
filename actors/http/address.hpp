#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::http {

/// Where to listen: "127.0.0.1:9480", "[::1]:9480", "localhost:9480".
struct listen_address {
  std::string host;       ///< without brackets
  std::uint16_t port = 0; ///< 0: any free one
};

/// "HOST:PORT" with brackets around an IPv6 address, as `parse_listen` reads it.
std::string to_string(const listen_address& address);

/// Reads HOST:PORT; an IPv6 address needs its brackets. The error says what would be right.
result<listen_address> parse_listen(std::string_view text);

/// Whether only this machine can reach `host`: 127.0.0.0/8, ::1 (also as ::ffff:127.…) or
/// "localhost". Any other name may resolve to anything, so it is not.
bool is_loopback(std::string_view host);

} // namespace tocsin::http
