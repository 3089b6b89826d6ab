#pragma once

#include "actors/api/live_events.hpp"
#include "actors/http/router.hpp"

namespace tocsin {

/// GET /api/v1/events: incidents and ticks as they happen.
void add_event_routes(http::router&, live_events&);

/// The event behind which a client wants to go on, of its header or its query; none: whatever comes
/// next.
result<std::optional<redis::stream_id>, http::refusal> read_last_event(const http::request&);

} // namespace tocsin
