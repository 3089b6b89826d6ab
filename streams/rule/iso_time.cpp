#include "streams/rule/iso_time.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace tocsin {

namespace {

// std::chrono's years end at 32767, times here in the year 275760. Days and dates of the proleptic
// Gregorian calendar after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
struct date {
  std::int64_t year;
  unsigned month; // 1 … 12
  unsigned day;   // 1 … 31
};

constexpr std::int64_t days_per_era = 146'097; // 400 years
constexpr std::int64_t epoch_day = 719'468;    // 1970-01-01, counted from 0000-03-01
constexpr std::int64_t day_ms = 86'400'000;

date date_of(std::int64_t days) {
  days += epoch_day;
  const auto era = days / days_per_era;
  const auto day_of_era = days % days_per_era;
  const auto year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const auto day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const auto shifted_month = (5 * day_of_year + 2) / 153; // from March
  const auto day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const auto month =
      static_cast<unsigned>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  return {year_of_era + era * 400 + (month <= 2), month, day};
}

std::int64_t days_of(date d) {
  const auto year = d.year - (d.month <= 2);
  const auto era = year / 400;
  const auto year_of_era = year % 400;
  const auto shifted_month = d.month > 2 ? d.month - 3 : d.month + 9;
  const auto day_of_year = (153 * shifted_month + 2) / 5 + d.day - 1;
  return era * days_per_era + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
         day_of_year - epoch_day;
}

} // namespace

std::string iso_time(std::int64_t ms) {
  const auto d = date_of(ms / day_ms);
  const auto rest = ms % day_ms;
  const auto year = d.year > 9999 ? fmt::format("+{:06}", d.year) : fmt::format("{:04}", d.year);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", year, d.month, d.day,
                     rest / 3'600'000, rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

std::optional<std::int64_t> read_iso_time(std::string_view text) {
  long long year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  const std::string copy(text);
  const char* form =
      text.starts_with('+') ? "+%6lld-%2u-%2uT%2u:%2u:%2u.%3uZ" : "%4lld-%2u-%2uT%2u:%2u:%2u.%3uZ";
  if (std::sscanf(copy.c_str(), form, &year, &month, &day, &hour, &minute, &second, &ms) != 7 ||
      year < 1970)
    return std::nullopt;
  const auto days = days_of({year, month, day});
  const auto time = days * day_ms + hour * 3'600'000LL + minute * 60'000LL + second * 1000LL + ms;
  // Whatever is out of its range, or not all there, does not write back as it was read.
  return time >= 0 && iso_time(time) == text ? std::optional(std::int64_t{time}) : std::nullopt;
}

} // namespace tocsin
