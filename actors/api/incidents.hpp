#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"
#include "streams/redis/stream_event.hpp"
#include "streams/window/tick.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tocsin {

/// GET /api/v1/incidents: what is open, or what has ended, page by page.
void add_incident_routes(http::router&, const api_context&);

/// What of the incidents is asked for.
struct incident_question {
  bool active = true; ///< else resolved
  std::optional<std::string> rule, host;
  std::int64_t from_ms = 0; ///< by start where active, else by end
  std::int64_t to_ms = time_max_ms;
  bool newest_first = false; ///< of active ones: by start
  bool counts = false;       ///< of active ones: also how many there are, whatever the page
  std::size_t limit = 100;
  std::string cursor; ///< where the page before ended; empty: the first
};
result<incident_question, http::refusal> read_incident_question(const http::request& what);

/// An ended incident as the pages show it: a JSON object.
std::string ended_incident_json(const redis::stream_event&);

/// Events are read from the stream this many at a time.
inline constexpr std::uint32_t events_page = 1'000;

/// The greatest id below this one.
redis::stream_id before(redis::stream_id id);

} // namespace tocsin
