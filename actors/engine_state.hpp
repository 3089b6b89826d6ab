#pragma once

#include "actors/api/query_desk.hpp"
#include "actors/engine_context.hpp"
#include "actors/http/router.hpp"

#include <memory>
#include <string>

namespace tocsin {

/// GET /api/v1/engine: how this engine does, on one page.
void add_engine_route(http::router&, engine_context&, std::shared_ptr<query_desk>);

/// Why the engine does not do its work; empty: it does.
std::string why_not_ready(const engine_context&);

/// Whether this engine turns samples into incidents now: what the watchdog says.
bool evaluates_now(const engine_context&);

} // namespace tocsin
