#pragma once

#include "config/redis_address.hpp"
#include "streams/redis/io_step.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tocsin::redis {

using deadline = std::chrono::steady_clock::time_point;
/// `timeout_ms` from now on the monotonic clock. I/O deadlines are all that this clock is used for.
deadline deadline_after(std::int64_t timeout_ms);

class tls_session;

/// A byte stream to a Redis over TCP, a Unix socket or TLS; owns its descriptor and closes it.
///
/// 1. The descriptor never blocks and closes on exec; whoever waits says until when.
/// 2. Writing to a peer that is gone is an error, never SIGPIPE, over TLS too.
/// 3. TLS checks the peer's certificate against the system's store (SSL_CERT_FILE and SSL_CERT_DIR
///    replace it, so do the address's own authorities) and its name against the address's host or
///    the name given for it; unless the address says that nothing is checked.
/// 4. A Unix socket's path may have any length; its last component at most 80 bytes.
/// 5. For one thread.
class transport {
public:
  /// Connects, TLS handshake included. Name resolution follows the system's own timeouts.
  static result<transport> connect(const redis_address& address, deadline until);

  transport(transport&&) noexcept;
  transport& operator=(transport&&) noexcept;
  ~transport();

  result<io_step> try_send(std::string_view bytes);
  /// The end of the stream is an error.
  result<io_step> try_receive(std::span<char> into);
  /// Waits until one of the wanted directions may be ready. False: `until` has passed.
  result<bool> wait(bool for_read, bool for_write, deadline until);

private:
  explicit transport(int fd) noexcept;
  status start_tls(const redis_address& address, deadline until);

  int fd_ = -1;
  std::unique_ptr<tls_session> tls_;
};

} // namespace tocsin::redis
