#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin {

// What people read (a terminal, a log, an error) must not act on the reader's terminal or turn the
// text around. Escaped are: U+0000–001F, U+007F, U+0080–009F, U+2028, U+2029 and the bidirectional
// controls U+061C, U+200E, U+200F, U+202A–202E, U+2066–2069. Bytes that are no UTF-8 become U+FFFD.

/// The length of the character at `at` if it is one of those beyond ASCII, else 0.
std::size_t hidden_length(std::string_view text, std::size_t at);
/// That character as JSON would escape it: \u202e.
std::string escape_hidden(std::string_view character);

/// One line: line feeds become \n; tabs stay.
std::string safe_line(std::string_view text);

/// Text of several lines: line feeds and tabs stay. Of JSON it makes JSON with the same meaning,
/// for in valid JSON these characters stand in strings only.
std::string safe_lines(std::string_view text);

} // namespace tocsin
