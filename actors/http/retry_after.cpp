#include "actors/http/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace tocsin::http {

namespace {

constexpr std::int64_t wait_s_max = 86'400;

// As senders write it now, as RFC 850 had it, and as C's asctime does.
std::optional<std::int64_t> read_date(std::string_view text) {
  const std::string date(text);
  for (const auto* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm at{};
    const auto* rest = ::strptime(date.c_str(), form, &at);
    if (rest != nullptr && *rest == '\0') {
      return static_cast<std::int64_t>(::timegm(&at));
    }
  }
  return std::nullopt;
}

// Digits alone; what is too large for a number is as long as can be.
std::optional<std::int64_t> read_seconds(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) {
    return std::nullopt;
  }
  std::int64_t seconds = wait_s_max;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

} // namespace

std::optional<std::int64_t> asked_wait_ms(const client_response& answer, std::int64_t unix_s) {
  const auto asked = answer.header("Retry-After");
  if (!asked) {
    return std::nullopt;
  }
  auto seconds = read_seconds(*asked);
  if (!seconds) {
    const auto until_s = read_date(*asked);
    if (!until_s) {
      return std::nullopt;
    }
    const auto now_s = read_date(answer.header("Date").value_or(""));
    seconds = *until_s - now_s.value_or(unix_s);
  }
  return std::clamp<std::int64_t>(*seconds, 0, wait_s_max) * 1'000;
}

} // namespace tocsin::http
