#pragma once

#include "streams/window/column_ops.hpp"

namespace tocsin {

/// What a verdict asks of a window besides the aggregated value, a bit per host of a block.
struct window_masks {
  host_mask started;      ///< the first tick with the field is not after the newest tick
  host_mask any_value;    ///< a value stands in the window
  host_mask recent_value; ///< … at one of the ticks since the check before

  // Missing ticks (SEMANTICS: missing ticks). Bits of hosts that have not started mean nothing.
  host_mask missing;                ///< some tick of the window is missing
  host_mask missing_before_first;   ///< … one before the host's first
  host_mask missing_after_value;    ///< … one after the newest value
  host_mask missing_more_than_half; ///< more than half of the ticks are missing
  host_mask
      slipped; ///< the newest tick has no value, and its report may have slipped over its edge
};

} // namespace tocsin
