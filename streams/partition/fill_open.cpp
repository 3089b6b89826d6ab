#include "streams/partition/fill_open.hpp"

#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/partition_repair.hpp"
#include "streams/redis/stream_event.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace tocsin {

namespace {

constexpr std::uint32_t page = 1'000;

// The incident as event_writer::open_json() writes it; empty: the entry cannot be one.
std::string open_json(const redis::stream_entry& e) {
  std::string out = "{";
  for (const auto* name :
       {"id", "ruleName", "hostName", "startTime", "triggerValue", "field", "aggregation",
        "operand", "threshold", "timeframe", "labels", "annotations"}) {
    const std::string_view key = name;
    const auto& text = redis::field_of(e, key);
    const bool map = key == "labels" || key == "annotations";
    if (map && (text.empty() || !json_document::read(text)))
      continue;
    const bool number = key == "triggerValue" || key == "threshold" || key == "timeframe";
    out += fmt::format(R"({}"{}":{})", out.size() > 1 ? "," : "", key,
                       map      ? text
                       : number ? std::string(redis::number_json(text))
                                : quote_json(text));
  }
  out += '}';
  return read_open_record(out) ? out : std::string();
}

} // namespace

result<std::uint64_t> fill_open(const recovery_task& t, redis::stream_id last) {
  std::map<std::string, std::string, std::less<>> open; // id → JSON
  for (redis::stream_id from; from <= last;) {
    const auto entries = redis::events_between(t.connection, t.keys.incidents, from, last, page);
    if (!entries)
      return entries.failure();
    for (const auto& e : *entries) {
      const auto event = redis::read_stream_event(e);
      if (!event)
        continue;
      auto json = event->opened ? open_json(e) : std::string();
      if (json.empty())
        open.erase(event->id);
      else
        open[event->id] = std::move(json);
    }
    if (!t.alive())
      return error{"reading the incidents was given up"};
    if (entries->size() < page)
      break;
    from = entries->back().id.next();
  }
  const auto scanned = redis::scan_hash(t.connection, t.keys.open,
                                        [&](const auto& id, const auto&) { open.erase(id); });
  if (!scanned)
    return scanned.failure();
  const std::vector<redis::field_value> missing(open.begin(), open.end());
  for (std::size_t i = 0; i < missing.size(); i += page) {
    const auto n = std::min<std::size_t>(page, missing.size() - i);
    const auto added = redis::add_missing(t.connection, t.keys, t.owner, t.keys.open,
                                          std::span(missing).subspan(i, n));
    if (!added)
      return added.failure();
    if (*added == redis::lease_outcome::refused)
      return error{"the partition changed hands while its open incidents were put back"};
  }
  return static_cast<std::uint64_t>(missing.size());
}

} // namespace tocsin
