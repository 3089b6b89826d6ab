#pragma once

#include "config/problem_list.hpp"
#include "config/text_map.hpp"

#include <optional>

namespace tocsin {

/// Reads HTTP headers that are sent with each request: at most 32, of 4,096 bytes each and
/// 16 KiB in all, none that Tocsin sends itself. No message quotes a value.
std::optional<text_map> read_headers(const json_cursor&, problem_list&);

} // namespace tocsin
