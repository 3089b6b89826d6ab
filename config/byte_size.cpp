#include "config/byte_size.hpp"

#include "config/spelling.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr double bytes_most = 9'007'199'254'740'992; // 2^53: beyond, doubles skip integers

struct unit {
  std::string_view lower_name;
  double bytes;
};

constexpr double kib = 1024;
constexpr std::array units = {
    unit{"", 1},
    unit{"b", 1},
    unit{"kb", 1e3},
    unit{"mb", 1e6},
    unit{"gb", 1e9},
    unit{"tb", 1e12},
    unit{"kib", kib},
    unit{"mib", kib* kib},
    unit{"gib", kib* kib* kib},
    unit{"tib", kib* kib* kib* kib},
};

} // namespace

std::optional<std::uint64_t> read_byte_size(std::string_view text) {
  double number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (failure != std::errc{})
    return std::nullopt;
  auto name = lower_case({stop, end});
  name.erase(0, std::min(name.find_first_not_of(' '), name.size()));
  for (const auto& [known, bytes] : units) {
    if (name == known)
      return whole_bytes(std::floor(number * bytes));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> whole_bytes(double bytes) {
  if (!(bytes >= 0 && bytes <= bytes_most) || bytes != std::floor(bytes))
    return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::string describe_byte_size(std::uint64_t bytes) {
  constexpr std::array names = {"KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  if (value < kib)
    return fmt::format("{} bytes", bytes);
  std::size_t step = 0;
  for (value /= kib; value >= kib && step + 1 < names.size(); ++step)
    value /= kib;
  const auto tenths = std::round(value * 10) / 10;
  return fmt::format("{} {}", tenths, names[step]);
}

} // namespace tocsin
