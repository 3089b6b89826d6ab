#include "config/duration.hpp"

#include "config/digit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr double second_ms = 1'000;
constexpr double minute_ms = 60 * second_ms;
constexpr double hour_ms = 60 * minute_ms;
constexpr double day_ms = 24 * hour_ms;
constexpr double week_ms = 7 * day_ms;
constexpr double year_ms = 365.25 * day_ms;

struct unit {
  std::string_view name; // `ms` takes each name with an `s` behind it where `plural` says so
  bool plural;
  double ms;
};

constexpr std::array units = {
    unit{"millisecond", true, 1},    unit{"msec", true, 1},        unit{"ms", false, 1},
    unit{"second", true, second_ms}, unit{"sec", true, second_ms}, unit{"s", false, second_ms},
    unit{"minute", true, minute_ms}, unit{"min", true, minute_ms}, unit{"m", false, minute_ms},
    unit{"hour", true, hour_ms},     unit{"hr", true, hour_ms},    unit{"h", false, hour_ms},
    unit{"day", true, day_ms},       unit{"d", false, day_ms},     unit{"week", true, week_ms},
    unit{"w", false, week_ms},       unit{"year", true, year_ms},  unit{"yr", true, year_ms},
    unit{"y", false, year_ms},
};

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  const auto digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// Takes -?\d*\.?\d+ from the front. A point needs a digit behind it: "1." is no number here.
std::optional<double> take_number(std::string_view& text) {
  const auto whole = text;
  if (text.starts_with('-'))
    text.remove_prefix(1);
  auto digits = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits = take_digits(text);
  }
  if (digits.empty())
    return std::nullopt;
  double value = 0;
  const auto end = whole.data() + (whole.size() - text.size());
  const auto [stop, failure] = std::from_chars(whole.data(), end, value);
  return failure == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
}

bool equal_ignoring_case(std::string_view left, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return std::equal(left.begin(), left.end(), lower.begin(), lower.end(), same);
}

std::optional<double> unit_ms(std::string_view name) {
  if (name.empty())
    return 1;
  for (const auto& known : units) {
    const bool has_s = known.plural && (name.ends_with('s') || name.ends_with('S'));
    if (equal_ignoring_case(has_s ? name.substr(0, name.size() - 1) : name, known.name))
      return known.ms;
  }
  return std::nullopt;
}

} // namespace

std::optional<std::int64_t> read_duration(std::string_view text) {
  constexpr std::size_t text_bytes_max = 100;
  if (text.size() > text_bytes_max)
    return std::nullopt;
  const auto number = take_number(text);
  if (!number)
    return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto scale = unit_ms(text);
  return scale ? round_duration(*number * *scale) : std::nullopt;
}

std::optional<std::int64_t> round_duration(double ms) {
  constexpr double safe_integer_max = 9'007'199'254'740'991;
  if (!std::isfinite(ms))
    return std::nullopt;
  // Not floor(ms + 0.5): that sum rounds up just below a half.
  const auto below = std::floor(ms);
  const auto rounded = ms - below >= 0.5 ? below + 1 : below;
  if (std::abs(rounded) > safe_integer_max)
    return std::nullopt;
  return static_cast<std::int64_t>(rounded);
}

std::string describe_duration(std::int64_t ms) {
  struct step {
    double ms;
    const char* name;
  };
  constexpr std::array steps = {step{day_ms, "day"}, step{hour_ms, "hour"},
                                step{minute_ms, "minute"}, step{second_ms, "second"}};
  const auto value = static_cast<double>(ms);
  for (const auto& [step_ms, name] : steps) {
    const auto count = value / step_ms;
    // A unit fits where at most one decimal is left: "90 seconds" reads better than "1.5 minutes".
    const bool whole = count == std::floor(count);
    const bool half = step_ms >= hour_ms && count * 2 == std::floor(count * 2);
    if (std::abs(count) >= 1 && (whole || half))
      return fmt::format("{} {}{}", count, name, count == 1 ? "" : "s");
  }
  return fmt::format("{} ms", ms);
}

std::string describe_span(std::int64_t ms) {
  const auto text = describe_duration(ms);
  return text.starts_with("1 ") && ms != 1 ? text.substr(2) : text;
}

std::string describe_roughly(std::int64_t ms) {
  struct step {
    double ms;
    const char* name;
  };
  constexpr std::array steps = {step{year_ms, "year"}, step{day_ms, "day"}, step{hour_ms, "hour"},
                                step{minute_ms, "minute"}, step{second_ms, "second"}};
  const auto value = static_cast<double>(ms);
  for (const auto& [step_ms, name] : steps) {
    const auto count = value / step_ms;
    if (count < 1)
      continue;
    const auto shown = count < 10 ? std::floor(count * 10) / 10 : std::floor(count);
    return fmt::format("{} {}{}", shown, name, shown == 1 ? "" : "s");
  }
  return fmt::format("{} ms", ms);
}

} // namespace tocsin
