#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tocsin {

/// A hash of short names: eight bytes at a time, mixed by 128-bit multiplication. Orders nothing
/// and is stored nowhere, so it may change at any time.
inline std::uint64_t name_hash(std::string_view s) {
  const auto load = [](const char* p, std::size_t n) {
    std::uint64_t v = 0;
    if (n > 0) // an empty name may be nowhere
      std::memcpy(&v, p, n);
    return v;
  };
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using wide = unsigned __int128;
    const auto m = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(m) ^ static_cast<std::uint64_t>(m >> 64);
  };
  std::uint64_t h = 0x9e3779b97f4a7c15u ^ s.size();
  const char* p = s.data();
  auto left = s.size();
  for (; left > 8; p += 8, left -= 8)
    h = mix(h ^ load(p, 8), 0xff51afd7ed558ccdu);
  // The last eight bytes of a longer name overlap what was read: no branch per byte.
  const auto rest = s.size() > 8 ? load(s.data() + s.size() - 8, 8) : load(p, left);
  return mix(h ^ rest, 0xc4ceb9fe1a85ec53u);
}

} // namespace tocsin
