#pragma once

#include "streams/rule/explain.hpp"

#include <optional>

namespace tocsin {

/// The first check at which the ticks that are missing from a window can no longer keep this
/// verdict (true: breach) unknown, if the host reports in every tick from now on: they have left
/// the window, or too few of them are left in it. None where they do not keep it now. O(ticks).
std::optional<tick> blocked_until(const rule&, std::int64_t watch_ticks, const explained_check&,
                                  bool verdict);

} // namespace tocsin
