#pragma once

#include "config/result.hpp"
#include "tools/reading/engine_api.hpp"

namespace tocsin {

/// Prints the hosts that an engine knows, by name, a page at a time.
status list_hosts_over_http(engine_api&, bool json);

} // namespace tocsin
