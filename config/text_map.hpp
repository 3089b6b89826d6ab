#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tocsin {

/// Texts by name, sorted by name: labels, annotations, HTTP headers.
using text_map = std::vector<std::pair<std::string, std::string>>;

/// As one JSON object: {"severity":"page"}.
std::string write_texts(const text_map&);

} // namespace tocsin
