#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Reads "512MiB", "1 GB", "1.5 GiB", "4096": a number, blanks, and B, kB, MB, GB, TB (powers of
/// 1,000) or KiB, MiB, GiB, TiB (of 1,024) in any case. None for anything else: "1G" could mean
/// either. Rounded down to whole bytes; at most 2^53.
std::optional<std::uint64_t> read_byte_size(std::string_view text);

/// The same for a plain JSON number of bytes, which must be whole.
std::optional<std::uint64_t> whole_bytes(double bytes);

/// "512 MiB", "1.5 GiB", "100 bytes": for people, to one decimal.
std::string describe_byte_size(std::uint64_t bytes);

} // namespace tocsin
