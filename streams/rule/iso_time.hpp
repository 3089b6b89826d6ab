#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// "2023-11-14T22:13:50.000Z", as JavaScript's Date.toISOString(), for 0 to 8.64e15 ms: years
/// beyond 9999 have a sign and six digits.
std::string iso_time(std::int64_t ms);

/// Reads what iso_time() wrote; none for anything else.
std::optional<std::int64_t> read_iso_time(std::string_view text);

} // namespace tocsin
