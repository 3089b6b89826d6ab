#pragma once

#include "actors/http/message.hpp"
#include "config/result.hpp"

#include <string>
#include <string_view>

namespace tocsin::http {

/// A request's target, decoded.
struct target {
  std::string path;
  field_list query;
};

/// Splits "/path?a=1&b=2#…" and decodes it. Also takes the absolute form that proxies send
/// ("http://host/path"). An error for a `%` that two hex digits do not follow, a NUL character, and
/// a target that begins with neither '/' nor a scheme.
result<target> parse_target(std::string_view text);

/// Decodes %XX, and '+' as a blank where `form` says so (query strings).
result<std::string> percent_decode(std::string_view text, bool form);

} // namespace tocsin::http
