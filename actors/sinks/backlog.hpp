#pragma once

#include "streams/redis/sample_log.hpp"

#include <cstdint>

namespace tocsin {

/// What the incident stream may hold before its oldest events are cut off.
struct stream_bounds {
  std::int64_t retention_ms = 0;
  std::uint64_t bytes_max = 0;
};

/// What a sink has not taken yet.
struct sink_backlog {
  std::uint64_t events = 0;
  std::int64_t age_ms = 0; ///< of the oldest
  /// The oldest is about to be cut off: nine tenths of the retention have passed, or nine tenths
  /// of the bytes are taken and it stands in the oldest tenth of the stream.
  bool endangered = false;
};

/// The backlog whose oldest event has this id, at this time of Redis, in a stream that takes so
/// many bytes. Ids carry the end of the tick, and a number that counts the events without gaps.
sink_backlog backlog_from(redis::stream_id oldest, const redis::stream_facts& stream,
                          std::int64_t now_ms, std::uint64_t bytes, const stream_bounds& bounds);

} // namespace tocsin
