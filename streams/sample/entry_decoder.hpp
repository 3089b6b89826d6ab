#pragma once

#include "streams/sample/column_entry.hpp"
#include "streams/sample/entry.hpp"

#include <string>
#include <string_view>

namespace tocsin {

/// An entry of the log as it stands there.
struct packed_entry {
  std::string_view form, bytes;
};

/// What an entry of the log holds: samples as columns, or lines of text, or neither and why.
struct decoded_entry {
  const sample_columns* columns = nullptr;
  std::string_view text;
  std::string complaint; ///< why it is to be skipped; empty: it is not
};

/// How long an entry says that it is when it is unpacked: at most what it may be.
std::size_t unpacked_bytes(const packed_entry&);

/// Unpacks entries of any form, whatever bytes they hold. Reuses its memory, at most some 50 MiB
/// (text or columns of 8 MiB, or of a million samples in 2 MiB, taken apart); one thread.
class entry_decoder {
public:
  /// Valid until the next call.
  const decoded_entry& decode(const packed_entry&);

private:
  entry_reader text_;
  column_reader columns_;
  decoded_entry out_;
};

} // namespace tocsin
