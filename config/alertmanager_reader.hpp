#pragma once

#include "config/named_file.hpp"
#include "config/problem_list.hpp"
#include "config/sinks.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin {

inline constexpr std::size_t alertmanagers_max = 16;

/// Every key that an Alertmanager may have.
std::span<const std::string_view> alertmanager_keys();

/// Reads an array of base URLs, or of objects with one each, each once, and reports everything that
/// is wrong with them. Without `files`, what they would hold is left empty. No message quotes a
/// user name, a password or a token.
std::vector<alertmanager_entry>
read_alertmanagers(const json_cursor& array, const file_source& files, problem_list& problems);

} // namespace tocsin
