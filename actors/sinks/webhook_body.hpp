#pragma once

#include "streams/redis/stream_event.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// What Alertmanager and Prometheus make of a set of labels: 16 hex digits.
std::string alert_fingerprint(const text_map& labels);

/// One event: {"event", "incident", "reason" (resolved), the rule's condition, "labels",
/// "annotations"}.
std::string incident_body(const redis::stream_event&);

/// What Alertmanager sends to a webhook receiver of this name, version 4: events of one rule that
/// are all opened or all resolved. `external_url` may be empty.
std::string alertmanager_body(std::span<const redis::stream_event>, std::string_view receiver,
                              std::string_view external_url);

/// The watchdog in the two forms: {"event": "watchdog", "cluster", "time"}, and one alert that
/// fires and began at `since_ms` (Unix time).
std::string watchdog_body(std::string_view cluster, std::int64_t now_ms);
std::string alertmanager_watchdog_body(std::string_view cluster, std::int64_t since_ms,
                                       std::string_view receiver, std::string_view external_url);

/// How many events, from the first, go into one such body.
std::size_t alertmanager_group(std::span<const redis::stream_event>);

} // namespace tocsin
