#include "streams/redis/stream_id.hpp"
#include "streams/rule/iso_time.hpp"
#include "tools/reading/event_follower.hpp"
#include "tools/reading/incident_pages.hpp"
#include "tools/reading/json_writer.hpp"
#include "tools/tocsin/incidents_question.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/stop_watch.hpp"

#include <set>
#include <utility>

namespace tocsin {

namespace {

constexpr std::size_t page_size = 500;

status print_active(const incidents_question& q, engine_api& api) {
  bool any = false;
  const auto read =
      each_incident(api, incident_list::open_oldest_first, q.filter, page_size,
                    [&](const json_node& incident, const told_event& told) {
                      any = true;
                      put("{}\n", q.json ? write_json(incident) : open_line(told.event));
                      return !output_failed();
                    });
  if (read && !any)
    say_none(q);
  return read;
}

status count_active(const incidents_question& q, engine_api& api) {
  incident_groups groups(*q.group_by);
  const auto read = each_incident(api, incident_list::open_oldest_first, q.filter, page_size,
                                  [&](const json_node&, const told_event& told) {
                                    groups.add(told.event);
                                    return true;
                                  });
  if (read)
    print_groups(q, groups);
  return read;
}

void print(const incidents_question& q, const told_event& told) {
  print_incident(q.json ? told.json : event_line(told.event));
}

status print_past(const incidents_question& q, engine_api& api) {
  const auto events = last_events(api, q.filter, q.last);
  if (!events)
    return events.failure();
  if (q.group_by) {
    incident_groups groups(*q.group_by);
    for (const auto& told : *events)
      if (told.event.opened)
        groups.add(told.event);
    print_groups(q, groups);
    return done{};
  }
  for (const auto& told : *events)
    print(q, told);
  if (events->empty())
    say_none(q);
  return done{};
}

/// What was printed of the tick in which following begins: some of it may come once more.
using printed_events = std::set<std::pair<std::string, bool>>;

// The past as far as the event stream stands at `newest`. What is behind it comes by the stream;
// within its tick nobody can tell what that is.
result<printed_events> print_past_until(const incidents_question& q, engine_api& api,
                                        const std::string& newest) {
  printed_events printed;
  const auto last_ms = redis::stream_id::parse(newest).value_or(redis::stream_id{}).ms;
  const auto events = last_events(api, q.filter, q.last);
  if (!events)
    return events.failure();
  for (const auto& told : *events) {
    const auto& e = told.event;
    const auto at = read_iso_time(e.opened ? e.start_time : e.end_time).value_or(0);
    if (static_cast<std::uint64_t>(at) > last_ms)
      continue;
    print(q, told);
    if (static_cast<std::uint64_t>(at) == last_ms)
      printed.emplace(e.id, e.opened);
  }
  return printed;
}

bool take_event(const incidents_question& q, printed_events& printed, const server_event& event) {
  if (event.name == "reset")
    say("tocsin incidents: events were missed that the engine cannot send any more: --last shows "
        "what is known of them\n");
  if (event.name != "incident")
    return !output_failed();
  const auto told = read_told_event(event.data);
  if (told && q.filter.takes(told->event.rule_name, told->event.host_name, told->event.labels) &&
      printed.erase({told->event.id, told->event.opened}) == 0)
    print(q, *told);
  return !output_failed();
}

status follow(const incidents_question& q, engine_api& api) {
  const stop_watch watch([&] { api.cancel(); });
  auto after = newest_event_id(api);
  if (!after)
    return api.cancelled() ? status(done{}) : after.failure();
  printed_events printed;
  if (q.last > 0) {
    auto shown = print_past_until(q, api, *after);
    if (!shown)
      return api.cancelled() ? status(done{}) : shown.failure();
    printed = std::move(*shown);
  }
  if (output_failed())
    return done{};
  event_follower follower(api, *after,
                          {[&](const server_event& event) { return take_event(q, printed, event); },
                           [](const std::string& text) { say("tocsin incidents: {}\n", text); },
                           [&](std::int64_t ms) { return watch.wait_ms(ms); }});
  return follower.run();
}

} // namespace

status read_incidents_over_http(const incidents_question& q, engine_api& api) {
  if (q.active)
    return q.group_by ? count_active(q, api) : print_active(q, api);
  if (q.follow)
    return follow(q, api);
  return q.last > 0 ? print_past(q, api) : status(done{});
}

} // namespace tocsin
