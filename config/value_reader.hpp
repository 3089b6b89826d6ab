#pragma once

#include "config/problem_list.hpp"
#include "config/setting_keys.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tocsin {

// Each reads one value, or reports as an error what is wrong with it and what would be right.

std::optional<bool> read_flag(const json_cursor&, problem_list&);
/// A non-empty string.
std::optional<std::string> read_text(const json_cursor&, problem_list&);
/// A finite number.
std::optional<double> read_number(const json_cursor&, problem_list&);
/// A number of ms or a text as npm `ms` reads it, within the bounds.
std::optional<std::int64_t> read_duration(const json_cursor&, std::int64_t least_ms,
                                          std::int64_t most_ms, problem_list&);

/// Reads one of the forms that stand for a member of settings, and sets it.
void read_setting(const setting_form&, const json_cursor&, settings&, problem_list&);

/// What a variable's text would be in the file: a word for a flag, a number where one is meant,
/// else a string. Flags take true/false, yes/no, on/off, 1/0 in any case.
json_node node_from_variable(const setting_form&, std::string_view text);
std::optional<bool> read_flag_word(std::string_view text);

} // namespace tocsin
