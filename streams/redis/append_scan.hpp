#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin::redis {

/// How far the bytes of an append-only file can be read as commands.
struct append_scan {
  /// Behind the last command that is whole and stands in no unfinished transaction: what Redis may
  /// be left with.
  std::size_t good = 0;
  /// The first byte that belongs to no whole command; the file's size where all are.
  std::size_t readable = 0;
  /// Where whole commands go on behind that: the damage lies in the middle, not at the end.
  std::optional<std::size_t> goes_on;
};

/// Reads RESP arrays of bulk strings and annotations (`#TS:…`), from the beginning or behind an RDB
/// preamble. Strict: Redis writes no other way. Linear in the number of commands, not in their
/// bytes, but for a part that cannot be read.
append_scan scan_append_file(std::string_view bytes);

} // namespace tocsin::redis
