#pragma once

#include <string_view>

namespace tocsin {

/// Whether UTF-8 holds a control character: U+0000–001F, U+007F, or U+0080–009F, which terminals
/// obey, too.
constexpr bool holds_control_character(std::string_view utf8) {
  unsigned char before = 0;
  for (const char c : utf8) {
    const auto u = static_cast<unsigned char>(c);
    if (u < 0x20 || u == 0x7f || (before == 0xc2 && u >= 0x80 && u < 0xa0))
      return true;
    before = u;
  }
  return false;
}

} // namespace tocsin
