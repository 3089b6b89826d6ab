#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"
#include "config/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// What a request for a chart asks for.
struct series_question {
  std::vector<std::string> fields;
  std::optional<std::string> host; ///< none: all of them
  std::int64_t from_ms = -1;       ///< -1: an hour before `to`
  std::int64_t to_ms = -1;         ///< not in it; -1: now
  std::int64_t step_ms = 0;        ///< 0: an interval
};
result<series_question, http::refusal> read_series_question(const http::request& what,
                                                            std::int64_t now_ms);

/// GET /api/v1/series: what hosts reported, step by step, for charts.
void add_series_routes(http::router& routes, const api_context& ctx);

} // namespace tocsin
