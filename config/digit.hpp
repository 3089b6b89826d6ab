#pragma once

namespace tocsin {

/// Whether it is a digit of ASCII, whatever the locale says.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace tocsin
