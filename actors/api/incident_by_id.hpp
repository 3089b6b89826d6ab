#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

#include <string_view>

namespace tocsin {

/// GET /api/v1/incidents/{id}: one incident, open or ended.
/// GET /incidents/{id}: its page.
void add_incident_by_id_routes(http::router&, const api_context&);

/// Whether it can be the id of an incident: 22 characters of URL-safe base64.
bool is_incident_id(std::string_view text);

} // namespace tocsin
