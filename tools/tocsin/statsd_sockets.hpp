#pragma once

#include "actors/statsd/statsd_socket.hpp"
#include "config/settings.hpp"

#include <vector>

namespace tocsin {

/// Why these settings cannot be used: an address that is none, or one that other machines reach,
/// for StatsD knows no tokens, without `insecure`.
status check_statsd(const statsd_settings&, bool insecure);

/// Opens the sockets that StatsD is to be heard on, and says which.
result<std::vector<statsd_socket>> open_statsd(const statsd_settings&);

} // namespace tocsin
