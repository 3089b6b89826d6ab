#pragma once

#include "config/json_document.hpp"

#include <string>

namespace tocsin {

/// A rule of the API as one line for people, with how it stands where the engine says so.
std::string rule_line(const json_node& rule);

} // namespace tocsin
