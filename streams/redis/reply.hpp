#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin::redis {

/// One answer of Redis, owning everything in it; read its members and move out of them freely.
///
/// 1. `text` is set for string, simple ("OK") and error; `number` for integer; `elements` for
///    array. What does not belong to the kind is empty.
/// 2. An error is a value here ("OOM command not allowed…"): the connection it came over is sound.
struct reply {
  enum class kind : std::uint8_t { nil, string, simple, integer, array, error };

  kind type = kind::nil;
  std::int64_t number = 0;
  std::string text;
  std::vector<reply> elements;

  bool is_nil() const noexcept { return type == kind::nil; }
  bool is_error() const noexcept { return type == kind::error; }
  bool is_array() const noexcept { return type == kind::array; }
  bool is_integer() const noexcept { return type == kind::integer; }
  bool is_text() const noexcept { return type == kind::string || type == kind::simple; }

  /// The first word of an error ("OOM", "WRONGTYPE", "NOAUTH"), else empty.
  std::string_view error_code() const noexcept {
    return is_error() ? std::string_view(text).substr(0, text.find(' ')) : std::string_view();
  }
};

/// A field of a hash or of a stream entry with its value. Both may be any bytes.
using field_value = std::pair<std::string, std::string>;

} // namespace tocsin::redis
