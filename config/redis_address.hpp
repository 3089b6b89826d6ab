#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// Where a Redis is and how to get in. Holds secrets: never log it, log describe() instead.
struct redis_address {
  enum class transport : std::uint8_t { tcp, unix_socket, tls };
  transport via = transport::tcp;
  std::string host = "127.0.0.1"; ///< for tcp and tls
  std::uint16_t port = 6379;      ///< for tcp and tls
  std::string path;               ///< for unix_socket
  std::string user;               ///< empty: the default user
  std::string password;           ///< empty: no AUTH
  int database = 0;
  std::int64_t connect_timeout_ms = 5'000;

  /// "redis://host:port/0", without user and password.
  std::string describe() const;
};

/// Reads redis://[user[:pass]@]host[:port][/db], rediss://…, unix:///path[?db=N] (also
/// unix://[user:pass@]/path), or Botpress's JSON list of nodes ([{"host":"a","port":7004},…]: the
/// first node). User and password may be percent-encoded. Then ioredis options, which may be empty,
/// fill in what the URL does not say, as ioredis does it (JSON: host, port, path, username,
/// password, db, connectTimeout, tls, and the same below redisOptions); others are left alone, but
/// `sentinels` is refused. The error never contains a secret.
result<redis_address> read_redis_address(std::string_view url, std::string_view options_json);

} // namespace tocsin
