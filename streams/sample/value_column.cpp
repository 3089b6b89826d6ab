#include "streams/sample/value_column.hpp"

#include "streams/sample/bytes.hpp"

#include <algorithm>
#include <cmath>

namespace tocsin {

namespace {

// The first byte: 0 for doubles, else 1 + 4 · decimal places + width.
constexpr int places_max = 3;
constexpr double powers[] = {1, 10, 100, 1000};
constexpr std::uint8_t doubles = 0;
constexpr std::size_t widths[] = {0, 1, 2, 4};
// Whole numbers up to here survive the addition of `rounding` exactly, and their differences too.
constexpr double whole_max = 1125899906842624.0; // 2^50
constexpr double rounding = 6755399441055744.0;  // 1.5 · 2^52: adding it rounds to a whole number

template <class T>
void append_whole(std::span<const double> whole, double base, std::string& out) {
  const auto at = out.size();
  out.resize(at + whole.size() * sizeof(T));
  auto* to = out.data() + at;
  for (const double w : whole) {
    const auto x = static_cast<T>(static_cast<std::int64_t>(w - base));
    std::memcpy(to, &x, sizeof x);
    to += sizeof x;
  }
}

template <class T>
void read_whole(const char* from, double base, double power, std::span<double> into) {
  for (auto& v : into) {
    T x = 0;
    std::memcpy(&x, from, sizeof x);
    from += sizeof x;
    v = (base + static_cast<double>(static_cast<std::int64_t>(x))) / power;
  }
}

bool read_doubles(std::string_view& bytes, std::span<double> into) {
  if (bytes.size() / sizeof(double) < into.size())
    return false;
  std::memcpy(into.data(), bytes.data(), into.size() * sizeof(double));
  bytes.remove_prefix(into.size() * sizeof(double));
  bool good = true;
  for (const double v : into) {
    const double size = std::abs(v);
    good &= (size <= 1e300 && size >= 1e-290) || (v == 0 && !std::signbit(v));
  }
  return good;
}

} // namespace

bool value_column_writer::write_decimals(std::span<const double> values, int places,
                                         std::string& out) {
  const double power = powers[places];
  double least = whole_max, most = -whole_max;
  constexpr std::size_t stride = 64; // a column that is none is found out early
  whole_.resize(values.size());
  for (std::size_t i = 0; i < values.size(); i += stride) {
    const auto end = std::min(values.size(), i + stride);
    bool exact = true;
    for (auto j = i; j < end; ++j) {
      const double whole = (values[j] * power + rounding) - rounding;
      whole_[j] = whole;
      exact &= whole / power == values[j];
      least = std::min(least, whole);
      most = std::max(most, whole);
    }
    if (!exact || !(least > -whole_max && most < whole_max))
      return false;
  }
  const double range = most - least;
  const int width = range == 0 ? 0 : range < 256 ? 1 : range < 65536 ? 2 : 3;
  if (range > 4294967295.0)
    return false;
  out += static_cast<char>(1 + 4 * places + width);
  append_bytes(out, static_cast<std::int64_t>(least));
  if (width == 1)
    append_whole<std::uint8_t>(whole_, least, out);
  else if (width == 2)
    append_whole<std::uint16_t>(whole_, least, out);
  else if (width == 3)
    append_whole<std::uint32_t>(whole_, least, out);
  return true;
}

void value_column_writer::write(std::span<const double> values, std::string& out) {
  for (int places = 0; places <= places_max; ++places)
    if (write_decimals(values, places, out))
      return;
  out += static_cast<char>(doubles);
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
}

bool read_value_column(std::string_view& bytes, std::span<double> into) {
  std::uint8_t kind = 0;
  if (!take_bytes(bytes, kind))
    return false;
  if (kind == doubles)
    return read_doubles(bytes, into);
  const auto places = (kind - 1) / 4;
  const auto width = widths[(kind - 1) % 4];
  std::int64_t base = 0;
  if (places > places_max || !take_bytes(bytes, base) ||
      std::abs(static_cast<double>(base)) > whole_max ||
      (width > 0 && bytes.size() / width < into.size()))
    return false;
  const auto least = static_cast<double>(base);
  const double power = powers[places];
  if (width == 0)
    std::fill(into.begin(), into.end(), least / power);
  else if (width == 1)
    read_whole<std::uint8_t>(bytes.data(), least, power, into);
  else if (width == 2)
    read_whole<std::uint16_t>(bytes.data(), least, power, into);
  else
    read_whole<std::uint32_t>(bytes.data(), least, power, into);
  bytes.remove_prefix(width * into.size());
  return true;
}

} // namespace tocsin
