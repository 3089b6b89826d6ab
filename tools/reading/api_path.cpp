#include "tools/reading/engine_api.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// RFC 3986: what may stand as it is.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

} // namespace

api_path& api_path::with(std::string_view name, std::string_view value) {
  text_.append(any_ ? "&" : "?").append(name) += '=';
  any_ = true;
  for (const char c : value)
    if (is_unreserved(c))
      text_ += c;
    else
      text_ += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return *this;
}

} // namespace tocsin
