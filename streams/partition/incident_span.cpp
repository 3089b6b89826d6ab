#include "streams/partition/incident_span.hpp"

#include "config/json_text.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/partition_state.hpp"
#include "streams/redis/stream_event.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <unordered_set>

namespace tocsin {

namespace {

constexpr std::uint32_t page = 1'000;

struct open_incident {
  open_record about;
  std::string id;

  std::string json() const {
    return fmt::format(
        R"({{"id":{},"ruleName":{},"hostName":{},"startTime":"{}","triggerValue":{}}})",
        quote_json(id), quote_json(about.about.name), quote_json(about.host),
        iso_time(about.start_ms), write_number(about.trigger_value));
  }
};

// A visit of the hash may see a field twice.
result<std::vector<open_incident>> read_all_open(redis::connection& c,
                                                 const redis::partition_keys& keys) {
  std::vector<open_incident> open;
  std::unordered_set<std::string> seen;
  const auto scanned = redis::scan_hash(c, keys.open, [&](std::string id, std::string json) {
    auto record = read_open_record(json);
    if (record && seen.insert(id).second)
      open.push_back({std::move(*record), std::move(id)});
  });
  if (!scanned)
    return scanned.failure();
  std::sort(open.begin(), open.end(), [](const auto& a, const auto& b) {
    return std::tie(a.about.start_ms, a.about.about.name, a.about.host) <
           std::tie(b.about.start_ms, b.about.about.name, b.about.host);
  });
  return open;
}

} // namespace

result<incident_span> read_incident_span(redis::connection& c, const redis::partition_keys& keys,
                                         std::int64_t from_ms, std::int64_t to_ms,
                                         std::size_t count_max,
                                         const std::function<bool()>& go_on) {
  incident_span out;
  const auto count = c.call({"HLEN", keys.open});
  if (!count)
    return count.failure();
  out.too_many = static_cast<std::size_t>(count->number) > count_max;
  if (out.too_many)
    return out;
  auto open = read_all_open(c, keys);
  if (!open)
    return open.failure();
  // An event's id begins with the end of its tick, which is when it happened. Read after what is
  // open, so that what ends meanwhile is not in neither.
  std::unordered_set<std::string> ended;
  redis::stream_id from{static_cast<std::uint64_t>(std::max<std::int64_t>(from_ms, 0)), 0};
  const redis::stream_id to{static_cast<std::uint64_t>(std::max<std::int64_t>(to_ms, 0)),
                            UINT64_MAX};
  while (from <= to && to_ms >= 0) {
    const auto events = redis::events_between(c, keys.incidents, from, to, page);
    if (!events)
      return events.failure();
    for (const auto& entry : *events) {
      from = entry.id.next();
      const auto event = redis::read_stream_event(entry);
      if (!event || event->opened)
        continue;
      ended.insert(event->id);
      out.resolved.push_back(redis::incident_object_json(*event));
    }
    if (events->size() < page)
      break;
    out.too_many = open->size() + out.resolved.size() > count_max || !go_on();
    if (out.too_many)
      return out;
  }
  for (const auto& one : *open)
    if (!ended.contains(one.id))
      out.active.push_back(one.json());
  return out;
}

} // namespace tocsin
