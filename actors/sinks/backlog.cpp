#include "actors/sinks/backlog.hpp"

#include <algorithm>

namespace tocsin {

sink_backlog backlog_from(redis::stream_id oldest, const redis::stream_facts& stream,
                          std::int64_t now_ms, std::uint64_t bytes, const stream_bounds& bounds) {
  sink_backlog out;
  const auto last = stream.last_generated;
  if (oldest > last)
    return out;
  out.events = last.seq >= oldest.seq ? last.seq - oldest.seq + 1 : 1;
  out.age_ms = std::max<std::int64_t>(now_ms - static_cast<std::int64_t>(oldest.ms), 0);
  const auto nine_tenths = [](auto of) { return of - of / 10; };
  if (out.age_ms > nine_tenths(bounds.retention_ms))
    out.endangered = true;
  if (bytes > nine_tenths(bounds.bytes_max) && stream.first) {
    const auto first = stream.first->seq;
    const auto before = oldest.seq > first ? oldest.seq - first : 0;
    const auto span = last.seq > first ? last.seq - first : 0;
    out.endangered = out.endangered || before <= span / 10;
  }
  return out;
}

} // namespace tocsin
