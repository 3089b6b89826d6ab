#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// One thing that is wrong, or doubtful, in what the operator wrote.
struct diagnostic {
  enum class severity : std::uint8_t { error, warning };
  severity level = severity::error;
  std::string file;       ///< as given on the command line, or "environment"
  std::size_t line = 0;   ///< from 1; 0 where there is no place (a missing file, the environment)
  std::size_t column = 0; ///< from 1, in bytes
  std::string pointer;    ///< JSON pointer (RFC 6901), or the name of the environment variable
  std::string message;    ///< what is wrong and what would be right

  /// "FILE:LINE:COLUMN: error: MESSAGE (at POINTER)", in one line that is safe to show.
  std::string text() const;
  /// One JSON object with the keys severity, file, line, column, pointer, message.
  std::string json() const;

  friend bool operator==(const diagnostic&, const diagnostic&) = default;
};

using diagnostics = std::vector<diagnostic>;

bool has_errors(const diagnostics&);

} // namespace tocsin
