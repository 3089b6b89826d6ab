#pragma once

#include "streams/rule/incident.hpp"

namespace tocsin::test {

/// The event as the writers take it. It must outlive the view.
inline event_view view_of(const incident_event& e) {
  return {e.opened,     &e.about,        e.host,   e.start_ms,
          e.end_ms,     e.trigger_value, e.reason, e.cooldown_until_ms,
          e.annotations};
}

} // namespace tocsin::test
