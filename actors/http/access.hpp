#pragma once

#include "actors/http/address.hpp"
#include "actors/http/message.hpp"
#include "config/result.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::http {

/// A token in clear, for whoever must send it. It has no formatter, so that it is not logged by
/// mistake.
class secret {
public:
  explicit secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }

private:
  std::string text_;
};

/// The token from a file (its first and only line), else from the value of TOCSIN_TOKEN (nullptr:
/// not set), else none. Errors: the file cannot be read, the token is empty, longer than 4,096
/// characters or holds blanks or control characters. A file that others may read, and a token
/// shorter than 16 characters, are warned about in the log.
result<std::optional<secret>> read_token(const std::string& token_file, const char* environment);

/// What the server keeps of a token: its SHA-256.
class access_token {
public:
  explicit access_token(const secret& token);
  /// In constant time whatever is presented: digests are compared, of equal length.
  bool matches(std::string_view presented) const;

private:
  std::array<unsigned char, 32> digest_;
};

/// Who may do what.
struct access_policy {
  std::optional<access_token> token = std::nullopt;
  /// Set where the server listens on loopback without a token: only requests to a loopback name
  /// are answered then, so that no web page can reach the server through a name of its own.
  bool loopback_names_only = false;
};

enum class access { allowed, token_missing, token_wrong, foreign_origin, foreign_host };

/// Decides about one request; pure.
///
/// 1. /healthz, /readyz, /-/healthy and /-/ready are always allowed.
/// 2. With a token, everything else needs `Authorization: Bearer TOKEN`.
/// 3. Without one, a request that a browser sends for another site (`Origin` differs from `Host`)
///    is refused: a page that the operator happens to read must not write samples.
access access_decision(const access_policy& policy, const request& what);

/// The answer to a request that is not allowed.
response to_response(access why);

/// An error unless only this machine can reach `listen`, or there is a token, or the operator said
/// that nothing is needed. The message says which three things help.
status require_token_unless_loopback(const listen_address& listen, bool have_token, bool insecure);

} // namespace tocsin::http
