#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

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
  std::int64_t to_ms = 8'640'000'000'000'000;
  std::size_t limit = 100;
  std::string cursor; ///< where the page before ended; empty: the first
};
result<incident_question, http::refusal> read_incident_question(const http::request& what);

} // namespace tocsin
