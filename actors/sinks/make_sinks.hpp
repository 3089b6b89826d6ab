#pragma once

#include "actors/sinks/hook_runtime.hpp"
#include "actors/sinks/sink.hpp"
#include "config/settings.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace tocsin {

/// The sinks that the settings ask for: none, and nothing runs for them. Making one does no I/O and
/// starts nothing: that is for its first `deliver` or `idle`. `evaluates`: whether the engine does
/// now, for the watchdog; called from threads of the sinks'. Without it, there is no watchdog.
std::vector<std::shared_ptr<sink>> make_sinks(const settings&, const hook_place&,
                                              std::function<bool()> evaluates = {});

} // namespace tocsin
