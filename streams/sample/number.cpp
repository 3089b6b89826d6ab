#include "streams/sample/number.hpp"

#include <charconv>
#include <cstdint>

namespace tocsin {

namespace {

bool digit(const char* p, const char* end) {
  return p != end && static_cast<unsigned char>(*p - '0') <= 9;
}

constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t exact_max = std::uint64_t{1} << 53;

} // namespace

const char* read_json_number(const char* const begin, const char* end, double& value) {
  const char* p = begin;
  const bool negative = p != end && *p == '-';
  p += negative;
  if (!digit(p, end) || (*p == '0' && digit(p + 1, end)))
    return nullptr;
  std::uint64_t whole = 0;
  const char* const digits = p;
  for (; digit(p, end); ++p)
    whole = whole * 10 + static_cast<std::uint64_t>(*p - '0');
  auto count = p - digits;
  std::ptrdiff_t places = 0;
  if (p != end && *p == '.') {
    const char* const fraction = ++p;
    for (; digit(p, end); ++p)
      whole = whole * 10 + static_cast<std::uint64_t>(*p - '0');
    places = p - fraction;
    count += places;
    if (places == 0)
      return nullptr;
  }
  const bool exponent = p != end && (*p == 'e' || *p == 'E');
  if (exponent) {
    ++p;
    p += p != end && (*p == '+' || *p == '-');
    if (!digit(p, end))
      return nullptr;
    while (digit(p, end))
      ++p;
  }
  // Both numbers are exact, so one division rounds as reading the decimal does.
  if (!exponent && count <= 19 && whole <= exact_max && places <= 22) {
    const double size = static_cast<double>(whole) / powers[places];
    value = negative ? -size : size;
    return p;
  }
  const auto read = std::from_chars(begin, p, value);
  return read.ec == std::errc() && read.ptr == p ? p : nullptr;
}

} // namespace tocsin
