#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// Levenshtein distance in bytes: insertions, deletions and substitutions. O(left × right).
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The candidate that is fewest edits from the word, if at most edits_max; of equal ones the first.
std::optional<std::string_view> nearest_spelling(std::string_view word,
                                                 std::span<const std::string_view> candidates,
                                                 std::size_t edits_max);

/// "`a`, `b` or `c`": one of them is to be taken.
std::string list_choices(std::span<const std::string_view> choices);
/// "`a`, `b` and `c`": there are all of them.
std::string list_all(std::span<const std::string_view> names);

/// ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// ASCII letters in upper case.
std::string upper_case(std::string_view text);

} // namespace tocsin
