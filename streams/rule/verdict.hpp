#pragma once

#include "config/rule.hpp"
#include "streams/window/window_masks.hpp"

namespace tocsin {

/// The verdicts of one rule for the hosts of a block: a host in neither mask has the verdict
/// "unknown", which changes nothing. The masks are disjoint.
struct verdicts {
  host_mask breach; ///< true
  host_mask clear;  ///< false
};

/// Judges what a comparison said: pure mask algebra. `compared`: hosts whose aggregated value meets
/// the threshold; 0 is compared where a sum or count has no value, anything where another has none.
verdicts judge(const rule&, const host_mask& compared, const window_masks&);

} // namespace tocsin
