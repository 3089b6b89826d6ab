#include "streams/partition/incident_span.hpp"

#include "config/json_text.hpp"
#include "config/keyed_hash.hpp"
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
  std::unordered_set<std::string, text_hash> seen;
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

// Calls visit(event) for each that ended within the span, oldest first, until it or `go_on`, asked
// once a page, says no; whether neither did. An event's id begins with the end of its tick, which
// is when it happened.
result<bool> visit_resolved(redis::connection& c, const std::string& key, std::int64_t from_ms,
                            std::int64_t to_ms, const std::function<bool()>& go_on,
                            const std::function<bool(const redis::stream_event&)>& visit) {
  if (to_ms < 0)
    return true;
  redis::stream_id from{static_cast<std::uint64_t>(std::max<std::int64_t>(from_ms, 0)), 0};
  const redis::stream_id to{static_cast<std::uint64_t>(to_ms), UINT64_MAX};
  while (from <= to) {
    const auto events = redis::events_between(c, key, from, to, page);
    if (!events)
      return events.failure();
    for (const auto& entry : *events) {
      from = entry.id.next();
      const auto event = redis::read_stream_event(entry);
      if (event && !event->opened && !visit(*event))
        return false;
    }
    if (events->size() < page)
      return true;
    if (!go_on())
      return false;
  }
  return true;
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
  // Read after what is open, so that what ends meanwhile is not in neither.
  std::unordered_set<std::string, text_hash> ended;
  const auto whole =
      visit_resolved(c, keys.incidents, from_ms, to_ms, go_on, [&](const auto& event) {
        ended.insert(event.id);
        out.resolved.push_back(redis::incident_object_json(event));
        return open->size() + out.resolved.size() <= count_max;
      });
  if (!whole)
    return whole.failure();
  out.too_many = !*whole;
  for (const auto& one : *open)
    if (!ended.contains(one.id))
      out.active.push_back(one.json());
  return out;
}

} // namespace tocsin
