#pragma once

#include "config/result.hpp"
#include "tools/reading/engine_api.hpp"
#include "tools/reading/incident_filter.hpp"
#include "tools/reading/recent_events.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace tocsin {

/// Which incidents are read from the API, in what order.
enum class incident_list : std::uint8_t {
  open_oldest_first,
  open_newest_first,
  ended_newest_first
};

/// Gives every incident that the filter takes to `take`, until that gives false or there are no
/// more. One page at a time is held; `page_size`: at most how many incidents that is.
status each_incident(engine_api&, incident_list, const incident_filter&, std::size_t page_size,
                     const std::function<bool(const json_node&, const told_event&)>& take);

/// The newest `count` events that the filter takes, oldest first. They are put together from the
/// incidents that have ended and those that are open.
result<std::vector<told_event>> last_events(engine_api&, const incident_filter&, std::size_t count);

} // namespace tocsin
