#pragma once

#include "actors/api/api_context.hpp"
#include "actors/http/router.hpp"

namespace tocsin {

/// POST /api/v1/config/check: what is wrong with the text of a configuration, in either form.
/// Neither the environment nor files that it names are looked at.
void add_config_check_route(http::router&, const api_context&);

} // namespace tocsin
