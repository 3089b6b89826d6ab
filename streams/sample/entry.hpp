#pragma once

#include "config/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin {

/// An entry of the log, unpacked, is at most this long.
inline constexpr std::size_t entry_unpacked_bytes_max = std::size_t{8} << 20;

/// How hard zstd tries: more costs the sender more than it saves the log.
inline constexpr int packing_level = 1;

/// What an entry of the log holds.
enum class entry_form : std::uint8_t {
  samples,   ///< "s": one JSON sample, or lines of them
  packed,    ///< "z": the same, as one zstd frame
  columns,   ///< "c": samples as columns (column_entry.hpp)
  heartbeat, ///< "hb": no samples
  unknown,   ///< not written by this version: skipped and counted
};
entry_form read_entry_form(std::string_view field);

/// The lines of an entry: NDJSON with `sample_reader::padding` readable bytes behind it, and the
/// length of what counts. Reuses its memory.
class entry_reader {
public:
  ~entry_reader();
  entry_reader();
  entry_reader(const entry_reader&) = delete;
  entry_reader& operator=(const entry_reader&) = delete;

  /// The text of an entry that has some, without a byte order mark; empty for a heartbeat. Valid
  /// until the next call. The error says why an entry is to be skipped: unknown form, damaged
  /// frame, more than 8 MiB unpacked.
  result<std::string_view> read(entry_form, std::string_view bytes);

private:
  void* unpacker_; // ZSTD_DCtx
  std::string text_;
};

/// Packs lines for the log: one zstd frame (level 1) where that is shorter, else as they are.
class entry_writer {
public:
  entry_writer();
  ~entry_writer();
  entry_writer(const entry_writer&) = delete;
  entry_writer& operator=(const entry_writer&) = delete;

  struct packed {
    std::string_view form; ///< "s" or "z"
    std::string bytes;
  };
  packed write(std::string_view lines);

private:
  void* packer_; // ZSTD_CCtx
};

/// Calls visit(line) for every line that is not blank.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos)
      visit(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

} // namespace tocsin
