#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Readers of the texts of /proc. `text` loses at its front what was read from it.
namespace tocsin::proc_text {

/// The whole number at the front, behind blanks.
std::optional<std::uint64_t> take_number(std::string_view& text);

/// What stands before the first `end`, or the whole text; the end itself is lost.
std::string_view take_until(std::string_view& text, char end);

/// What follows `label` on the line that begins with it.
std::optional<std::string_view> line_after(std::string_view text, std::string_view label);

} // namespace tocsin::proc_text
