#pragma once

#include "config/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

struct json_member;

/// One value of a JSON document with the byte at which it begins.
struct json_node {
  enum class kind { null, boolean, number, string, array, object };

  kind type = kind::null;
  bool boolean = false;
  std::size_t offset = 0;
  /// Where an environment variable put it here: the variable and the way in it. Owned by who did.
  const std::string* graft = nullptr;
  double number = 0;                ///< infinite where the text says more than a double can hold
  std::string text;                 ///< of a string: unescaped; of a number: as written
  std::vector<json_node> items;     ///< of an array
  std::vector<json_member> members; ///< of an object, in order; the last of equal keys counts

  /// The member that counts for a key, or none.
  const json_member* find(std::string_view key) const;
  /// "a string", "an object": for messages.
  std::string_view kind_name() const;
};

struct json_member {
  std::string key;
  std::size_t offset = 0; ///< of the key's opening quote
  bool shadowed = false;  ///< a later member has the same key
  bool implied = false;   ///< not in the text: its members stand where it would
  std::string written;    ///< the key in the text, where that is another; else empty
  json_node value;
};

/// Line and column from 1, the column in bytes.
struct text_place {
  std::size_t line = 0;
  std::size_t column = 0;
};

/// Why a text is no JSON document, and where: line 0 where there is no place.
struct json_error {
  text_place place;
  std::string message;
};

/// A JSON text as a tree that knows its places. Made for what people write, not for speed: about
/// 120 bytes per value. Immutable once read.
///
/// 1. At most 16 MiB of text, 1,000,000 values, 256 levels; the rest is refused with a message.
/// 2. The root is an object or an array.
/// 3. A UTF-8 byte order mark is skipped and counts for no column.
class json_document {
public:
  static constexpr std::size_t text_bytes_max = std::size_t{16} << 20;
  static constexpr std::size_t nodes_max = 1'000'000; // × 120 bytes = 120 MB at worst

  static result<json_document, json_error> read(std::string_view text);

  /// The tree, to be changed; what is left knows its places.
  json_node take_root() { return std::move(root_); }

  const json_node& root() const { return root_; }
  text_place place_of(std::size_t offset) const;

private:
  explicit json_document(std::string_view text);

  json_node root_;
  std::vector<std::size_t> line_begins_;
};

/// A JSON pointer (RFC 6901) to a child.
std::string child_pointer(std::string_view pointer, std::string_view key);
std::string child_pointer(std::string_view pointer, std::size_t index);

} // namespace tocsin
