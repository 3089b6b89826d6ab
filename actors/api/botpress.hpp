#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

#include <cstdint>

namespace tocsin {

/// The endpoints that Botpress's own admin pages ask, with the same answers:
///
///   POST /api/v1/admin/health/monitoring           {fromTime, toTime} → [JSON of a sample, …]
///   POST /api/v1/admin/health/alerting/incidents   {fromTime, toTime} → {active, resolved}
///
/// the same below /api/v2/admin, and where older versions have them: /api/v1/admin/server/….
void add_botpress_routes(http::router&, const api_context&);

/// A span of time as Botpress's pages ask for one, in ms, both ends in it.
struct asked_span {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
};
/// Refusals: 400 where the body is no JSON object or one of the two is no number, 413 and 415.
result<asked_span, http::refusal> read_asked_span(http::request& what);

} // namespace tocsin
