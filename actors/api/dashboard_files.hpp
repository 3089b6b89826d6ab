#pragma once

#include "actors/api/dashboard.hpp"

#include <span>

namespace tocsin {

/// All of them, by name.
std::span<const dashboard_file> dashboard_files();

} // namespace tocsin
