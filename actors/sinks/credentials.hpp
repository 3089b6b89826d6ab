#pragma once

#include "config/sinks.hpp"

#include <string>
#include <string_view>

namespace tocsin {

/// The value of an Authorization header: "Basic …" (RFC 7617) or "Bearer …"; empty without
/// credentials.
std::string authorization(const alertmanager_entry&);

} // namespace tocsin
