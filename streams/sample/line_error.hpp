#pragma once

#include <string>
#include <string_view>

namespace tocsin {

/// Why a line of valid UTF-8 is no JSON object, as a person would call it, with the byte in the
/// line. What simdjson says of it depends on where it noticed. `otherwise`: to be said where the
/// line is JSON after all.
std::string explain_line(std::string_view line, std::string otherwise);

} // namespace tocsin
