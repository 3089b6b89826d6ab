#pragma once

#include "actors/http/client.hpp"
#include "actors/sinks/sink.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tocsin {

/// What an answer to a webhook's request means: 2xx done; 408, 429 and 5xx later; all else failed.
/// A redirect is not followed, since the body would go where nobody allowed it to.
delivery judge_answer(const http::client_response&, std::int64_t unix_s);

/// The wait that a Retry-After asks for, in ms: seconds, or a date; none for anything else.
std::optional<std::int64_t> read_retry_after(std::string_view text, std::int64_t unix_s);

} // namespace tocsin
