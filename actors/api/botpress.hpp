#pragma once

#include "actors/api/query_desk.hpp"
#include "actors/http/router.hpp"
#include "config/settings.hpp"
#include "streams/redis/keys.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace tocsin {

/// What the handlers of the API need of the engine.
struct api_context {
  const settings& config;
  const redis::partition_keys& keys;
  std::shared_ptr<query_desk> desk;
  std::function<std::int64_t()> clock_ms; ///< monotonic
};

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
