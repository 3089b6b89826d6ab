#include "config/placeholders.hpp"

#include "config/json_text.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

} // namespace

split_text split_at_placeholders(std::string_view text) {
  split_text out;
  for (;;) {
    const auto open = text.find("{{");
    const auto close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) {
      out.not_closed = open != close;
      out.pieces.push_back({std::string(text)});
      return out;
    }
    out.pieces.push_back({std::string(text.substr(0, open)),
                          std::string(without_blanks(text.substr(open + 2, close - open - 2)))});
    text.remove_prefix(close + 2);
  }
}

std::string unknown_placeholder(std::string_view name, std::span<const std::string_view> known,
                                std::string_view consequence) {
  constexpr std::size_t edits_max = 2;
  const auto lower = lower_case(name);
  auto nearest = nearest_spelling(name, known, edits_max);
  for (const auto candidate : known) {
    if (lower == lower_case(candidate))
      nearest = candidate;
  }
  return fmt::format("unknown name {} in braces{}: {}{}", quote_for_people(name), consequence,
                     nearest ? "did you mean " : "there are ",
                     nearest ? fmt::format("`{}`?", *nearest) : list_all(known));
}

} // namespace tocsin
