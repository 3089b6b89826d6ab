#pragma once

#include <string_view>

namespace tocsin {

/// The text of docs/openapi.json.
std::string_view openapi_text();

} // namespace tocsin
