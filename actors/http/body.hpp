#pragma once

#include "actors/http/message.hpp"
#include "config/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin::http {

/// The largest body, before and after decompression.
inline constexpr std::size_t body_bytes_limit = 16u << 20;

/// Undoes a Content-Encoding: "" or "identity", "gzip" ("x-gzip"; several members too) or "zstd"
/// (several frames too).
///
/// Stops at `bytes_max`, so that a bomb costs at most that much: at most 2 · bytes_max of memory.
/// The window that a zstd frame claims costs nothing, however large it is.
/// Refusals: 415 unknown encoding, 413 larger than `bytes_max`, 400 corrupt or truncated.
result<std::string, refusal> decode_body(std::string_view encoding, std::string body,
                                         std::size_t bytes_max = body_bytes_limit);

/// The same for a request's own body and header.
result<std::string, refusal> decode_body(request& what, std::size_t bytes_max = body_bytes_limit);

} // namespace tocsin::http
