#pragma once

#include "config/control_character.hpp"
#include "config/problem_list.hpp"
#include "config/text_map.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace tocsin {

/// What an object of texts by name may hold. An objection is what is wrong with a name or a text,
/// to stand behind it in a message, or nothing; it quotes no text, for that may be secret.
struct text_map_bounds {
  std::string_view what;    ///< one entry: "header", "label"
  std::string_view example; ///< {"X-Team": "ops"}
  std::size_t count_max;
  std::size_t text_bytes_max;
  std::size_t bytes_max; ///< of all names and texts
  std::string_view (*objection_to_name)(std::string_view);
  std::string_view (*objection_to_text)(std::string_view);
};

/// Of ASCII.
bool is_plain_letter_or_digit(char c);

/// Reads it, sorted by name; reports everything that is wrong with it. None where anything is.
std::optional<text_map> read_text_map(const json_cursor&, const text_map_bounds&, problem_list&);

/// What an object holds of texts, sorted by name; the rest is left out.
text_map texts_of(const json_node& object);

} // namespace tocsin
