#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tocsin {

static_assert(std::endian::native == std::endian::little, "entries are written as memory has them");

/// Appends a number as its bytes.
template <class T>
void append_bytes(std::string& out, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}

/// Takes a number off the front; false where bytes are missing.
template <class T>
bool take_bytes(std::string_view& from, T& value) {
  if (from.size() < sizeof value)
    return false;
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return true;
}

/// Takes `n` bytes off the front; false where they are missing.
inline bool take_text(std::string_view& from, std::size_t n, std::string_view& text) {
  if (from.size() < n)
    return false;
  text = from.substr(0, n);
  from.remove_prefix(n);
  return true;
}

} // namespace tocsin
