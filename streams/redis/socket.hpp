#pragma once

#include "config/redis_address.hpp"

#include <chrono>

namespace tocsin::redis {

/// Connects a non-blocking, close-on-exec stream socket to the address (TCP also for TLS). The
/// caller owns the descriptor. Errors do not name the address; their caller does.
result<int> connect_socket(const redis_address& address,
                           std::chrono::steady_clock::time_point until);

/// Waits until `fd` is ready for one of the wanted directions, or in error. False: out of time.
result<bool> wait_for_socket(int fd, bool for_read, bool for_write,
                             std::chrono::steady_clock::time_point until);

} // namespace tocsin::redis
