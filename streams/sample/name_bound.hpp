#pragma once

#include <cstddef>

namespace tocsin {

/// Names of hosts and fields, and the ids of servers, are at most so long, in UTF-8.
inline constexpr std::size_t name_bytes_max = 255;

} // namespace tocsin
