#pragma once

#include "config/problem_list.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace tocsin {

/// Reads one of these words and returns its place among them, or reports what would be right: the
/// nearest one, or what a word of another program means here. `what`: "operand".
std::optional<std::size_t> read_choice(const json_cursor&, std::string_view what,
                                       std::span<const std::string_view> names, problem_list&);

} // namespace tocsin
