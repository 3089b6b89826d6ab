#include "actors/sinks/answer.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::int64_t wait_s_max = 86'400;

bool is_about_the_events(unsigned status) {
  constexpr std::array<unsigned, 6> those = {400, 413, 414, 415, 422, 431};
  return std::find(those.begin(), those.end(), status) != those.end();
}

std::string describe(const http::client_response& r) {
  if (r.status / 100 == 3) {
    const auto to = r.header("Location");
    return fmt::format("it answered {}, a redirect to {}, which is not followed: if that is where "
                       "it lives, write that URL into the configuration",
                       r.status, to ? quote_for_people(*to) : "nowhere");
  }
  return r.body.empty() ? fmt::format("it answered {}", r.status)
                        : fmt::format("it answered {}: {}", r.status, quote_for_people(r.body));
}

} // namespace

std::optional<std::int64_t> read_retry_after(std::string_view text, std::int64_t unix_s) {
  std::int64_t seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (ec != std::errc{} || end != text.data() + text.size()) {
    std::tm at{};
    const std::string date(text);
    const auto* rest = ::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &at);
    if (rest == nullptr || *rest != '\0')
      return std::nullopt;
    seconds = static_cast<std::int64_t>(::timegm(&at)) - unix_s;
  }
  return std::clamp<std::int64_t>(seconds, 0, wait_s_max) * 1'000;
}

delivery judge_answer(const result<http::client_response>& answer, std::int64_t unix_s) {
  if (!answer)
    return {delivery::outcome::later, 0, answer.failure().message};
  if (answer->status / 100 == 2)
    return {};
  if (is_about_the_events(answer->status))
    return {delivery::outcome::failed, 0, describe(*answer)};
  delivery out{delivery::outcome::later, 0, describe(*answer)};
  if (const auto asked = answer->header("Retry-After"))
    out.wait_ms = read_retry_after(*asked, unix_s).value_or(0);
  return out;
}

} // namespace tocsin
