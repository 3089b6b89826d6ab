#include "actors/sinks/answer.hpp"

#include "actors/http/retry_after.hpp"
#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace tocsin {

namespace {

bool is_about_the_events(unsigned status) {
  constexpr std::array<unsigned, 6> those = {400, 413, 414, 415, 422, 431};
  return std::find(those.begin(), those.end(), status) != those.end();
}

std::string describe(const http::client_response& r) {
  const auto to = r.header("Location");
  if (r.status / 100 == 3 && to)
    return fmt::format("it answered {}, a redirect to {}, which is not followed: if that is where "
                       "it lives, write that URL into the configuration",
                       r.status, quote_for_people(*to));
  return r.body.empty() ? fmt::format("it answered {}", r.status)
                        : fmt::format("it answered {}: {}", r.status, quote_for_people(r.body));
}

} // namespace

delivery judge_answer(const result<http::client_response>& answer, std::int64_t unix_s) {
  if (!answer)
    return {delivery::outcome::later, 0, answer.failure().message};
  if (answer->status / 100 == 2)
    return {};
  if (is_about_the_events(answer->status))
    return {delivery::outcome::failed, 0, describe(*answer)};
  delivery out{delivery::outcome::later, 0, describe(*answer)};
  out.wait_ms = http::asked_wait_ms(*answer, unix_s).value_or(0);
  return out;
}

} // namespace tocsin
