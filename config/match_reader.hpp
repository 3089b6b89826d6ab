#pragma once

#include "config/problem_list.hpp"
#include "config/sinks.hpp"

#include <cstddef>
#include <vector>

namespace tocsin {

/// So many labels, and patterns for each.
inline constexpr std::size_t match_labels_max = 32, match_patterns_max = 32;

/// Reads {"severity": "page", "team": ["ops-*", "!ops-test"]}; reports everything that is wrong.
std::vector<label_condition> read_match(const json_cursor&, problem_list&);

} // namespace tocsin
