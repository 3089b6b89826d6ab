#pragma once

#include <cstdint>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace tocsin {

/// Names of 16 bytes that an attacker makes against a hash without a key: all of them have the same
/// one under what the tables of names were built on at first (32 bits of it), or under
/// std::hash<std::string_view> of libstdc++ on 64-bit machines.
inline std::uint64_t word_of(const char* p) {
  std::uint64_t v = 0;
  std::memcpy(&v, p, 8);
  return v;
}

inline std::uint64_t keyless_name_hash(std::string_view s) {
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using wide = unsigned __int128;
    const auto m = static_cast<wide>(a) * b;
    return static_cast<std::uint64_t>(m) ^ static_cast<std::uint64_t>(m >> 64);
  };
  const auto h = mix(0x9e3779b97f4a7c15u ^ 16 ^ word_of(s.data()), 0xff51afd7ed558ccdu);
  return mix(h ^ word_of(s.data() + 8), 0xc4ceb9fe1a85ec53u);
}

inline std::string joined_words(std::uint64_t first, std::uint64_t second) {
  std::string name(16, '\0');
  std::memcpy(name.data(), &first, 8);
  std::memcpy(name.data() + 8, &second, 8);
  return name;
}

/// `n` names of one keyless_name_hash().
inline std::vector<std::string> names_of_one_name_hash(std::size_t n) {
  const auto inner = [](std::uint64_t first) { // what the second word is combined with
    __extension__ using wide = unsigned __int128;
    const auto m = static_cast<wide>(0x9e3779b97f4a7c15u ^ 16 ^ first) * 0xff51afd7ed558ccdu;
    return static_cast<std::uint64_t>(m) ^ static_cast<std::uint64_t>(m >> 64);
  };
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < n; ++i)
    out.push_back(joined_words(i, inner(i) ^ 0x1234567890abcdefu));
  return out;
}

/// `n` names of one std::hash<std::string_view>, of printable ASCII without `"` and `\`.
inline std::vector<std::string> names_of_one_std_hash(std::size_t n) {
  constexpr std::uint64_t mul = (std::uint64_t{0xc6a4a793} << 32) + 0x5bd1e995;
  std::uint64_t inverse = mul; // Newton: right bits double each time
  for (int i = 0; i < 6; ++i)
    inverse *= 2 - mul * inverse;
  const auto shift_mix = [](std::uint64_t v) { return v ^ v >> 47; };
  const auto state = [&](std::uint64_t first) {
    const std::uint64_t start = 0xc70f6907u ^ (16 * mul);
    return (start ^ shift_mix(first * mul) * mul) * mul;
  };
  const auto is_plain = [](const std::string& s) {
    for (const char c : s)
      if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') // and what is no ASCII
        return false;
    return true;
  };
  std::vector<std::string> out;
  for (std::uint64_t i = 0; out.size() < n; ++i) {
    std::uint64_t first = 0;
    for (int d = 0; d < 8; ++d)
      first |= (std::uint64_t{'a'} + (i >> 4 * d) % 16) << 8 * d;
    const auto mixed = (0x0123456789abcdefu ^ state(first)) * inverse;
    auto name = joined_words(first, shift_mix(mixed) * inverse);
    if (is_plain(name))
      out.push_back(std::move(name));
  }
  return out;
}

/// As many other names of 16 bytes.
inline std::vector<std::string> names_of_no_pattern(std::size_t n) {
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < n; ++i)
    out.push_back(fmt::format("name-{}", 10'000'000'000u + i));
  return out;
}

/// Processor time of this thread that something takes.
template <class Do>
double cpu_seconds(Do what) {
  const auto now = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  };
  const auto begin = now();
  what();
  return now() - begin;
}

} // namespace tocsin
