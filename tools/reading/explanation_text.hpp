#pragma once

#include "config/json_document.hpp"

#include <cstddef>
#include <string>

namespace tocsin {

/// So many ticks of a window are shown, the newest; the rest is counted.
inline constexpr std::size_t shown_ticks_max = 30;

/// An answer of the API to why a rule fires or not, for people: some lines, in its words.
std::string explanation_text(const json_node& answer);

} // namespace tocsin
