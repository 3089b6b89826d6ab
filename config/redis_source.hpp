#pragma once

#include "config/read_settings.hpp"
#include "config/redis_address.hpp"
#include "config/result.hpp"

#include <optional>

namespace tocsin {

/// Which Redis to use: TOCSIN_REDIS_URL, else REDIS_URL, with REDIS_OPTIONS filling in what it does
/// not say. None where neither is set: then the engine runs its own. CLUSTER_ENABLED without a URL
/// is an error. Empty variables count as not set. An error names the variable, never a secret.
result<std::optional<redis_address>> choose_redis(const environment&);

/// The same error as a diagnostic, or else warnings about what is not honoured or not safe.
diagnostics redis_problems(const environment&);

} // namespace tocsin
