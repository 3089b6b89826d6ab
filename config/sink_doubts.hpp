#pragma once

#include "config/settings.hpp"

#include <string>
#include <vector>

namespace tocsin {

/// What about sinks is perhaps not meant, though each setting by itself is right.
struct sink_doubt {
  std::string setting; ///< "tocsin.webhooks": where it is said
  std::string message;
};

/// A webhook that waits for a watchdog that is off, and a watchdog that nobody hears.
std::vector<sink_doubt> doubts_about_watchdog(const settings&);

/// Labels that a webhook's `match` or `body` names, and no rule has. None without rules.
std::vector<sink_doubt> doubts_about_labels(const std::vector<webhook>&, const rule_set&);

} // namespace tocsin
