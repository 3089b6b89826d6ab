#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

inline constexpr std::int64_t redis_database_max = std::numeric_limits<int>::max();

/// What one source says about an address; the rest is left open for the next. Holds secrets.
struct redis_parts {
  std::optional<std::string> host;
  std::optional<std::int64_t> port;
  std::optional<std::string> path; ///< of a Unix socket; goes before host and port
  std::optional<std::string> user;
  std::optional<std::string> password;
  std::optional<std::int64_t> database;
  std::optional<std::int64_t> connect_timeout_ms;
  std::optional<bool> tls;
  std::optional<bool> tls_verify;
  std::optional<std::string> tls_name;
  std::optional<std::string> tls_ca;
  std::optional<std::string> key_prefix;
  std::optional<std::int64_t> family;
  std::vector<std::string> ignored; ///< what is not honoured, and changes nothing that matters
};

/// Reads a redis://, rediss:// or unix:// URL. As ioredis does it, parameters are options: `db`,
/// `family` and `keyPrefix` are honoured, others are `ignored`. The error says which part is wrong,
/// and quotes none of it.
result<redis_parts> read_redis_url(std::string_view url);

/// What is wrong with ioredis's `keyPrefix` or `family`, or nothing.
std::string_view object_to_key_prefix(std::string_view text);
bool is_address_family(std::int64_t family);

/// A whole decimal number from 0 to most.
std::optional<std::int64_t> read_digits(std::string_view text, std::int64_t most);

} // namespace tocsin
