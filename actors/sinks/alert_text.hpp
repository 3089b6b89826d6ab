#pragma once

#include "streams/redis/stream_event.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

/// What an alert is told apart by: `alertname` (the rule), `instance` (the host), and the rule's
/// labels but for those two and empty ones. Sorted by name.
text_map alert_labels(const redis::stream_event&);

/// Where people find an incident: `external_url`/incidents/ID. Empty where that is.
std::string incident_url(std::string_view external_url, std::string_view id);

/// The events as Alertmanager's API (v2) takes alerts, one JSON array in their order. An opened one
/// lasts until `firing_until_ms` (Unix time) unless it is sent again, a resolved one until its end.
std::string alerts_json(std::span<const redis::stream_event>, std::int64_t firing_until_ms,
                        std::string_view external_url);

/// The watchdog's alert in the same form.
std::string watchdog_alerts_json(std::string_view cluster, std::int64_t since_ms,
                                 std::int64_t firing_until_ms, std::string_view external_url);

} // namespace tocsin
