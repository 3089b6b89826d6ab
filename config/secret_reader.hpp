#pragma once

#include "config/named_file.hpp"
#include "config/problem_list.hpp"
#include "config/sinks.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// A secret that stands under one key, or as the first line of the file under another.
struct secret_keys {
  std::string_view key;      ///< "secret"
  std::string_view file_key; ///< "secretFile"
  /// What is wrong with the text, to stand behind "the secret"; it quotes nothing.
  std::string (*objection)(std::string_view text);
  /// What is doubtful about it, or nothing.
  std::string (*doubt)(std::string_view text) = nullptr;
};

/// What most secrets must be: not empty, at most 4,096 bytes, no control character.
std::string object_to_secret(std::string_view text);

/// Reads what one sink has of secrets and files. Refers to its arguments. Without `files`, what
/// they would hold is left empty. No message quotes a secret.
class secret_reader {
public:
  secret_reader(const json_cursor& object, const file_source& files, problem_list& problems)
      : object_(object), files_(files), problems_(problems) {}

  /// Empty where there is none, and with an error.
  std::string read(const secret_keys&);
  /// caFile, checked to be PEM; `tls`: whether the URL asks for it (none: not known).
  std::string read_authorities(std::optional<bool> tls);
  /// certFile and keyFile, of which one needs the other.
  client_certificate read_certificate(std::optional<bool> tls);

private:
  std::string take(const secret_keys&, const origin& where, const std::string& what,
                   std::string_view text);
  std::string read_pem(std::string_view key, std::string_view begin, std::string_view what);
  std::optional<json_cursor> at(std::string_view key) const;
  std::optional<named_file> file(const json_cursor& at, const std::string& path);
  void warn_if_open(const json_cursor& at, const named_file&);
  void warn_without_tls(std::string_view key, std::optional<bool> tls, std::string_view what);

  const json_cursor& object_;
  const file_source& files_;
  problem_list& problems_;
};

} // namespace tocsin
