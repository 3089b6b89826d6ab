#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// The text as a JSON string with its quotes, valid UTF-8 whatever comes in: bytes that are no
/// UTF-8 become U+FFFD.
std::string quote_json(std::string_view text);

/// The number as the shortest decimal that reads back; "null" where it is not finite.
std::string write_number(double value);

/// The place of the first byte that is not part of valid UTF-8, or none.
std::optional<std::size_t> find_bad_utf8(std::string_view text);

/// The text for a message: control characters and bad UTF-8 made visible, cut after 60 bytes.
std::string quote_for_people(std::string_view text);

} // namespace tocsin
