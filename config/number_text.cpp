#include "config/number_text.hpp"

#include <cmath>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr int digits_least = 6;
constexpr int digits_exact = 17; // tell any two doubles apart

std::string write(double value, int digits) {
  constexpr double powers_from = 1e15;
  if (!std::isfinite(value))
    return "none";
  const auto size = std::abs(value);
  // Where rounding to a whole number needs all these digits, it is what is left to do.
  if (size >= std::pow(10, digits) - 0.5 && size < powers_from)
    return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}g}", value + 0.0, digits); // no -0
}

} // namespace

std::string number_for_people(double value) {
  return write(value, digits_least);
}

std::string number_for_people(double value, double beside) {
  auto out = write(value, digits_least);
  for (int digits = digits_least + 1;
       digits <= digits_exact && value != beside && out == write(beside, digits - 1); ++digits)
    out = write(value, digits);
  return out;
}

} // namespace tocsin
