#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A text with names in double braces, "{{hostName}}", taken apart: each piece is a text and the
/// name behind it, without the blanks around it; the last piece has none.
struct split_text {
  struct piece {
    std::string text;
    std::optional<std::string> name = std::nullopt;
  };
  std::vector<piece> pieces;
  bool not_closed = false; ///< braces are opened and not closed: they stay in the last text
};
split_text split_at_placeholders(std::string_view text);

/// "unknown name `hostname` in braces", and what was meant: the nearest of the known names, or all
/// of them. `consequence` stands between the two: ", which stays in the text".
std::string unknown_placeholder(std::string_view name, std::span<const std::string_view> known,
                                std::string_view consequence);

} // namespace tocsin
