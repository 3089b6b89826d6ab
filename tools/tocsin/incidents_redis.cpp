#include "actors/api/incidents.hpp"
#include "config/json_text.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/stream_event.hpp"
#include "tools/reading/told_event.hpp"
#include "tools/tocsin/incidents_question.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/signals.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace tocsin {

namespace {

constexpr std::uint32_t page_events = 1'000;

bool is_number(std::string_view field) {
  return field == "v" || field == "seq" || field == "triggerValue" || field == "threshold" ||
         field == "timeframe";
}

std::string entry_json(const redis::stream_entry& e) {
  std::string out = fmt::format(R"({{"entry":"{}")", e.id.text());
  for (const auto& [name, value] : e.fields)
    out += fmt::format(",{}:{}", quote_json(name), is_number(name) ? value : quote_json(value));
  return out + "}";
}

// What is no event (anybody may write into the stream) passes where nobody asked for some only.
bool takes(const incident_filter& filter, const redis::stream_entry& e) {
  if (filter.is_empty())
    return true;
  const auto event = redis::read_stream_event(e);
  return event && filter.takes(event->rule_name, event->host_name, event->labels);
}

void print(const incidents_question& q, const redis::stream_entry& e) {
  if (q.json)
    print_incident(entry_json(e));
  else if (const auto event = redis::read_stream_event(e))
    print_incident(event_line(*event));
}

struct open_incident {
  open_record record;
  redis::stream_event event;
  std::string json;
};

result<std::vector<open_incident>> read_open_incidents(redis::connection& c,
                                                       const redis::partition_keys& keys,
                                                       const incident_filter& filter) {
  auto snapshot = redis::read_open(c, keys);
  if (!snapshot)
    return snapshot.failure();
  std::vector<open_incident> open;
  for (auto& [id, json] : snapshot->open) {
    auto record = read_open_record(json);
    auto event = redis::read_open_event(json);
    if (record && event && filter.takes(event->rule_name, event->host_name, event->labels))
      open.push_back({std::move(*record), std::move(*event), std::move(json)});
  }
  std::sort(open.begin(), open.end(), [](const auto& x, const auto& y) {
    return std::tie(x.record.start_ms, x.event.rule_name, x.event.host_name) <
           std::tie(y.record.start_ms, y.event.rule_name, y.event.host_name);
  });
  return open;
}

status print_active(redis::connection& c, const redis::partition_keys& keys,
                    const incidents_question& q) {
  const auto open = read_open_incidents(c, keys, q.filter);
  if (!open)
    return open.failure();
  if (q.group_by) {
    incident_groups groups(*q.group_by);
    for (const auto& one : *open)
      groups.add(one.event);
    print_groups(q, groups);
    return done{};
  }
  for (const auto& one : *open)
    put("{}\n", q.json ? one.json : open_line(one.event));
  if (open->empty())
    say_none(q);
  return done{};
}

struct past {
  std::vector<redis::stream_entry> events; ///< oldest first
  redis::stream_id newest;                 ///< of the stream; 0-0: it is empty
};

// The newest events that the filter takes, however far back they are.
result<past> read_past(redis::connection& c, const std::string& key, const incidents_question& q) {
  past out;
  const std::size_t wanted = q.last;
  const auto page_size = q.filter.is_empty() ? std::max(q.last, 1u) : page_events;
  for (auto to = redis::stream_id::greatest();;) {
    auto page = redis::last_events(c, key, page_size, to);
    if (!page)
      return page.failure();
    if (to == redis::stream_id::greatest() && !page->empty())
      out.newest = page->back().id;
    if (!page->empty())
      to = tocsin::before(page->front().id);
    const bool last_page = page->size() < page_size;
    for (auto e = page->rbegin(); e != page->rend() && out.events.size() < wanted; ++e)
      if (takes(q.filter, *e))
        out.events.push_back(std::move(*e));
    if (last_page || out.events.size() >= wanted)
      break;
  }
  std::reverse(out.events.begin(), out.events.end());
  return out;
}

void print_opened(const incidents_question& q, const std::vector<redis::stream_entry>& events) {
  incident_groups groups(*q.group_by);
  for (const auto& e : events)
    if (const auto event = redis::read_stream_event(e); event && event->opened)
      groups.add(*event);
  print_groups(q, groups);
}

status follow(redis::connection& c, const redis::partition_keys& keys, const incidents_question& q,
              redis::stream_id after) {
  const stop_signals signals;
  while (!signals.wait_ms(0) && !output_failed()) {
    auto events = redis::wait_for_events(c, keys.incidents, after, 1'000, 500);
    if (!events)
      return events.failure();
    for (const auto& e : *events) {
      if (takes(q.filter, e))
        print(q, e);
      after = e.id;
    }
  }
  return done{};
}

} // namespace

status read_incidents_from_redis(const incidents_question& q) {
  auto engine = connect(q.redis);
  if (!engine)
    return engine.failure();
  auto& [c, keys] = *engine;
  if (q.active)
    return print_active(c, keys, q);
  const auto found = read_past(c, keys.incidents, q);
  if (!found)
    return found.failure();
  if (q.group_by) {
    print_opened(q, found->events);
    return done{};
  }
  for (const auto& e : found->events)
    print(q, e);
  const bool nothing = q.last > 0 ? found->events.empty() : found->newest == redis::stream_id{};
  if (nothing && !q.follow)
    say_none(q);
  return q.follow ? follow(c, keys, q, found->newest) : status(done{});
}

} // namespace tocsin
