#pragma once

#include "actors/engine_context.hpp"
#include "streams/partition/recovery.hpp"

#include <optional>
#include <string>

namespace tocsin {

/// What a Redis does not hold any more of what this worker committed (`last`), or another that it
/// watched, for the operator; empty: it holds all of that. `found`: what a recovery went on from.
std::string describe_lost_data(const std::optional<tick_report>& last, bool others_seen,
                               const std::optional<redis::progress_mark>& found);

/// The same into the log.
void say_what_is_lost(const engine_context&, const recovered_partition&, bool others_seen);

} // namespace tocsin
