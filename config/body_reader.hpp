#pragma once

#include "config/body_template.hpp"
#include "config/problem_list.hpp"

namespace tocsin {

/// Reads the `body` of a webhook: any JSON value, whose texts (but not the keys) may hold names in
/// braces. A text by itself is sent as plain text. An unknown name is an error, and so are braces
/// that are not closed.
body_template read_body(const json_cursor&, problem_list&);

} // namespace tocsin
