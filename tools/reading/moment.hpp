#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin {

/// Reads a time as people write it on a command line: ms since 1970, or 2026-11-21T12:14:29.000Z,
/// whose milliseconds may be left out. None for anything else.
std::optional<std::int64_t> read_moment(std::string_view text);

} // namespace tocsin
