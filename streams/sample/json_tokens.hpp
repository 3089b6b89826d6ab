#pragma once

#include <cstddef>
#include <string_view>

namespace tocsin {

/// A token without the blanks behind it.
std::string_view json_token(std::string_view raw);

/// Whether the text from behind a string's opening quote up to its closing one escapes only as
/// JSON allows. The closing quote must exist.
bool is_json_string(const char* after_quote);

/// How many bytes stand between a string's quotes; the closing one must exist.
std::size_t json_string_bytes(const char* after_quote);

} // namespace tocsin
