#pragma once

#include "actors/http/token.hpp"
#include "config/file_watch.hpp"

#include <optional>
#include <string>

namespace tocsin {

/// The token that an agent sends. Its file is read again when it has changed, so that a server's
/// tokens can be replaced while agents run. One thread.
class agent_token {
public:
  /// As http::read_token().
  static result<agent_token> read(std::string file, const char* environment);

  bool any() const { return token_.has_value(); }
  /// What to send now; empty: none. A file that can no longer be used is logged, and the token from
  /// before stays.
  std::string now();

private:
  explicit agent_token(std::string file) : file_(std::move(file)), watch_({file_}) {}

  std::string file_; // empty: the token does not come from one
  file_watch watch_;
  std::optional<http::secret> token_;
};

} // namespace tocsin
