#pragma once

#include "actors/http/client.hpp"

#include <cstdint>
#include <optional>

namespace tocsin::http {

/// How long an answer asks to be left alone, in ms and for a day at most: its Retry-After in
/// seconds, or as a date in any of HTTP's three forms (RFC 9110, 5.6.7). A date is measured from
/// the answer's own Date where it has one, for the two clocks may differ; else from `unix_s`.
/// None: it asks for nothing, or not in these forms.
std::optional<std::int64_t> asked_wait_ms(const client_response& answer, std::int64_t unix_s);

} // namespace tocsin::http
