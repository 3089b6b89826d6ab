#pragma once

#include "config/json_document.hpp"
#include "streams/redis/stream_event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// An event as a command tells it, whatever way it came.
struct told_event {
  redis::stream_event event;
  std::string json; ///< as the API's event stream has it; without labels that nobody gave
};

/// What an incident of the API's pages says of its opening, or of its end. None where it says
/// nothing of that.
std::optional<told_event> opening_of(const json_node& incident);
std::optional<told_event> end_of(const json_node& incident);

/// The data of an `incident` of the event stream; none where they are none.
std::optional<told_event> read_told_event(std::string_view data);

/// The incident as one line for people.
std::string event_line(const redis::stream_event&);
/// An incident that is open, the same.
std::string open_line(const redis::stream_event&);

} // namespace tocsin
