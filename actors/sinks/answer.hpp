#pragma once

#include "actors/http/client.hpp"
#include "actors/sinks/sink.hpp"

#include <cstdint>

namespace tocsin {

/// What the answer to a request with events means. 2xx: done. What says that these very events
/// cannot be taken (400, 413, 414, 415, 422, 431): failed. Anything else, no answer too, is about
/// the way there, which somebody can mend (away, a wrong URL, an expired token): later. A redirect
/// is not followed, since the body would go where nobody allowed it to. Status and headers decide:
/// a body that does not come to its end changes nothing, else the same events would go there for
/// ever.
delivery judge_answer(const result<http::client_response>&, std::int64_t unix_s);

} // namespace tocsin
