#pragma once

#include "config/redis_address.hpp"
#include "config/result.hpp"
#include "streams/redis/io_step.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace tocsin::redis {

/// TLS over a connected non-blocking socket that it does not own. The peer's certificate must be
/// valid for the server name of the terms, else `host`, by the authorities of the terms, else the
/// system's trust store (SSL_CERT_FILE and SSL_CERT_DIR replace it). With `verify` off anything is
/// taken, as by node's rejectUnauthorized: false.
class tls_session {
public:
  static result<std::unique_ptr<tls_session>> create(int fd, const std::string& host,
                                                     const tls_terms& terms);
  tls_session(const tls_session&) = delete;
  tls_session& operator=(const tls_session&) = delete;
  ~tls_session();

  /// Call until it wants neither direction any more.
  result<io_step> handshake();
  result<io_step> send(std::string_view bytes);
  result<io_step> receive(std::span<char> into);

private:
  explicit tls_session(ssl_st* ssl) noexcept : ssl_(ssl) {}
  result<io_step> outcome(int returned);

  ssl_st* ssl_;
};

} // namespace tocsin::redis
