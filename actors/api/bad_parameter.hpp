#pragma once

#include "actors/http/message.hpp"

#include <fmt/format.h>
#include <string_view>

namespace tocsin {

/// The refusal of a parameter of a query that is none, or has a value that it cannot have.
inline http::refusal bad_parameter(std::string_view name, std::string_view wanted) {
  return {400, "bad-parameter", fmt::format("`{}` {}", name.substr(0, 64), wanted)};
}

} // namespace tocsin
