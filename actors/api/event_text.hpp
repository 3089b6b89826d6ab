#pragma once

#include "streams/redis/stream_event.hpp"

#include <string>
#include <string_view>

namespace tocsin {

/// One message of a stream of events (text/event-stream). `data`: one line. Without an id, the
/// client's stays as it is.
std::string event_text(std::string_view name, std::string_view data, std::string_view id = {});

/// A comment, which clients pass over.
inline constexpr std::string_view beat_text = ":\n\n";

/// An event of the incident stream as JSON.
std::string incident_event_json(const redis::stream_event&);

} // namespace tocsin
