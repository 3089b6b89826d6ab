#pragma once

#include "config/rule.hpp"
#include "streams/window/block_scan.hpp"

namespace tocsin {

/// The verdicts of one rule for the hosts of a block: a host in neither mask has the verdict
/// "unknown", which changes nothing. The masks are disjoint.
struct verdicts {
  host_mask breach; ///< true
  host_mask clear;  ///< false
};

/// Judges a window column. `values`: the rule's aggregation over the window that `window` stands
/// at. Pure mask algebra after one comparison per host.
verdicts judge(const rule&, const host_column& values, const block_scan& window);

} // namespace tocsin
