#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/records.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// Events of an incident stream are small (about 400 bytes); one read asks for at most this many.
inline constexpr std::uint32_t events_read_max = 10'000;

/// Up to `count` events after `after`, oldest first.
result<std::vector<stream_entry>> events_after(connection& c, const std::string& key,
                                               stream_id after, std::uint32_t count);
/// Up to `count` events from `from` to `to`, both included, oldest first.
result<std::vector<stream_entry>> events_between(connection& c, const std::string& key,
                                                 stream_id from, stream_id to, std::uint32_t count);
/// The newest `count` events up to `to`, oldest first.
result<std::vector<stream_entry>> last_events(connection& c, const std::string& key,
                                              std::uint32_t count,
                                              stream_id to = stream_id::greatest());

/// As events_after, but waits up to `timeout_ms` for the first one; empty where none came. When
/// Redis does not answer at all the connection is broken, and that is a failure.
result<std::vector<stream_entry>> wait_for_events(connection& c, const std::string& key,
                                                  stream_id after, std::uint32_t count,
                                                  std::int64_t timeout_ms);

/// What is open, together with the event up to which that is true: read both, then go on with
/// events_after. One MULTI.
struct open_snapshot {
  std::vector<field_value> open; ///< incident id -> its JSON
  stream_id last_event;          ///< 0-0 before the first
};
result<open_snapshot> read_open(connection& c, const partition_keys& keys);

/// The value of a field, empty where the entry does not have it.
const std::string& field_of(const stream_entry& entry, std::string_view name);

/// Reads an XRANGE-shaped reply; false where it is none. For the readers of streams in here.
bool take_entries(reply&& from, std::vector<stream_entry>& into);

} // namespace tocsin::redis
