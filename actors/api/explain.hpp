#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tocsin {

/// GET /api/v1/explain: why a rule fired for a host, or why it did not.
void add_explain_route(http::router&, const api_context&);

/// What is to be explained.
struct explain_question {
  std::string rule, host;
  std::optional<std::int64_t> at_ms; ///< none: the last check
};
result<explain_question, http::refusal> read_explain_question(const http::request& what);

} // namespace tocsin
