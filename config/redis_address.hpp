#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What ioredis's `tls` says about the server's certificate.
struct tls_terms {
  bool verify = true;      ///< rejectUnauthorized
  std::string server_name; ///< servername: whom the certificate is for; empty: the host
  std::string authorities; ///< ca: PEM text of those to trust instead of the system's; may be empty
};

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
  int family = 0;         ///< 4 or 6: only addresses of that kind; 0: either
  std::string key_prefix; ///< what every key begins with, before tocsin.prefix; mostly empty
  tls_terms tls;
  std::vector<std::string> ignored; ///< options that were given and are not honoured

  /// "redis://host:port/0", without user and password.
  std::string describe() const;
};

/// Reads redis://[user[:pass]@]host[:port][/db], rediss://…, unix:///path[?db=N] (also
/// unix://[user:pass@]/path), or Botpress's JSON list of nodes ([{"host":"a","port":7004},…]: the
/// first node). User and password may be percent-encoded. Then ioredis options, which may be empty,
/// fill in what the URL does not say, as ioredis does it (JSON: host, port, path, username,
/// password, db, family, connectTimeout, keyPrefix, tls with rejectUnauthorized, servername and ca,
/// and the same below redisOptions). Refused by name is what would lead elsewhere (sentinels,
/// natMap, readOnly) or let in otherwise (other keys of tls); what only says how a client behaves
/// is left alone; anything else is `ignored`. The error never contains a secret.
result<redis_address> read_redis_address(std::string_view url, std::string_view options_json);

} // namespace tocsin
