#pragma once

#include "streams/rule/explain.hpp"
#include "streams/window/intake.hpp"

namespace tocsin {

/// The oldest tick whose row in a window (null: it has none) cannot have been given to an open one,
/// and whose values were all read.
tick oldest_held(const intake&, const field_block*);

/// What the engine's windows hold of a field and host: sealed ticks, from the oldest that is still
/// there (but not before `from`) up to `to`. Late values stand in it, also where a check was done
/// without them. To be called between two checks. O(ticks).
field_past read_past(const intake&, field_index, host_index, tick from, tick to);

} // namespace tocsin
