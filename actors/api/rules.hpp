#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

#include <cstddef>
#include <string>

namespace tocsin {

/// GET /api/v1/rules: the rules in force, also in words, and how they stand.
void add_rule_routes(http::router&, const api_context&);

/// GET /api/v1/openapi.json: docs/openapi.json, which is part of the program.
void add_openapi_route(http::router&);

/// The rule as the configuration writes it, with its words in front.
std::string rule_json(const rule&);

/// What of the rules is asked for.
struct rule_question {
  bool state = false;
  std::size_t offset = 0;
  std::size_t limit = 1'000;
};
result<rule_question, http::refusal> read_rule_question(const http::request& what);

} // namespace tocsin
