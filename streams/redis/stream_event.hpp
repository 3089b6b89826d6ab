#pragma once

#include "config/sinks.hpp"
#include "streams/redis/records.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tocsin::redis {

/// An event as it stands in the incident stream; texts as written there.
struct stream_event {
  stream_id at;
  bool opened = true;
  std::string id; ///< of the incident
  std::string rule_name, host_name;
  std::string start_time, end_time; ///< ISO 8601; `end_time` empty when opened
  std::string trigger_value;        ///< a JSON number
  std::string reason;               ///< empty when opened
  std::string field, aggregation, operand, threshold, timeframe; ///< the last in ms
  text_map labels, annotations;
  bool test = false; ///< made up by `tocsin hooks test`; never so in the stream
};

/// None where the entry is no event: somebody else wrote into the stream.
std::optional<stream_event> read_stream_event(const stream_entry&);

/// An incident of the hash of open ones, as its `opened` event; `at` is not known. None where the
/// text is no such JSON.
std::optional<stream_event> read_open_event(std::string_view json);

/// The text if it is a JSON number, else `null`: somebody else may have written it.
std::string_view number_json(std::string_view text);

/// The incident object as its consumers know it, as JSON: id, ruleName, hostName, startTime,
/// endTime (resolved), triggerValue, and `test` where the event is made up.
std::string incident_object_json(const stream_event&);

} // namespace tocsin::redis
