#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

namespace tocsin {

/// GET /api/v1/rules: the rules in force, also in words.
void add_rule_routes(http::router&, const api_context&);

/// GET /api/v1/openapi.json: docs/openapi.json, which is part of the program.
void add_openapi_route(http::router&);

} // namespace tocsin
