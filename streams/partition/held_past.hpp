#pragma once

#include "streams/partition/host_history.hpp"
#include "streams/rule/window_past.hpp"

namespace tocsin {

/// What read_past() gives, and before it what memory holds of the ticks that have left the window:
/// host_history's, as far as this engine knows which of them were blind. O(ticks).
field_past held_past(const intake&, const host_history&, field_index, host_index, tick from,
                     tick to);

} // namespace tocsin
