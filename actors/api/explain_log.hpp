#pragma once

#include "actors/api/explanation.hpp"
#include "actors/api/query_desk.hpp"
#include "config/settings.hpp"
#include "streams/redis/keys.hpp"

namespace tocsin {

/// Explains the check from the log: reads it along the record of seals, from the window of the
/// first check that is listed on, and checks the rule at each of them with what stood in the
/// windows then. 404 `unknown-check` where the log or the record do not reach back so far.
result<http::response> explain_from_log(redis::connection&, const redis::partition_keys&,
                                        const settings&, explanation said, std::int64_t now_ms,
                                        const query_desk::go_on& go_on);

} // namespace tocsin
