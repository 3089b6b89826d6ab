#pragma once

#include "config/body_template.hpp"
#include "streams/redis/stream_event.hpp"

#include <string>
#include <string_view>

namespace tocsin {

/// What fills the body of a request beside the event: who this is, and where its pages are.
struct body_surroundings {
  std::string cluster;
  std::string external_url;
};

/// The template about an event, numbers and durations as people read them. A label or an annotation
/// that the event does not have is empty.
std::string fill_body(const body_template&, const redis::stream_event&, const body_surroundings&);

/// The same for the watchdog: `event` and `cluster`, the page where the engine is seen as `link`,
/// and nothing else.
std::string fill_watchdog_body(const body_template&, const body_surroundings&);

} // namespace tocsin
