#pragma once

#include "config/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::http {

/// What a route needs, and what a token gives.
enum class right : std::uint8_t {
  open,  ///< a route only: nobody is asked
  any,   ///< a route only: whatever a token gives
  read,  ///< see samples, incidents, metrics
  write, ///< report samples
  admin, ///< everything
};

/// A token in clear, for whoever must send it. It has no formatter, so that it is not logged by
/// mistake.
class secret {
public:
  explicit secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }

private:
  std::string text_;
};

/// The token to send: from a file (its first and only line), else from the value of TOCSIN_TOKEN
/// (nullptr: not set), else none. Errors: the file cannot be read, the token is empty, longer than
/// 4,096 characters or holds blanks or control characters. A file that others may read, and a token
/// shorter than 16 characters, are warned about in the log.
result<std::optional<secret>> read_token(const std::string& token_file, const char* environment);

using token_digest = std::array<unsigned char, 32>;
token_digest digest_of(std::string_view token);

/// What the server keeps of a token: its SHA-256, and what it gives.
class access_token {
public:
  explicit access_token(const secret& token, right gives = right::admin);
  /// Takes the same time whatever is presented: digests are compared, of equal length.
  bool matches(const token_digest& presented) const;
  bool gives(right needed) const;
  right kind() const { return gives_; }

private:
  token_digest digest_;
  right gives_;
};

/// Where the tokens that give one right come from.
struct token_source {
  right gives = right::admin;
  std::string file = {};       ///< one token per line; empty: none
  std::string variable = {};   ///< of the environment, for messages
  const char* value = nullptr; ///< of that variable; several tokens with blanks between
};

/// At most so many tokens come from one source.
inline constexpr std::size_t tokens_max = 64;

/// The tokens of all sources; where one has a file and a variable, the file's. A file or a variable
/// that is given and holds no token is an error, as is any token that read_token() would refuse.
result<std::vector<access_token>> read_tokens(std::span<const token_source> sources);

} // namespace tocsin::http
