#include "actors/api/incident_by_id.hpp"

#include "actors/api/incidents.hpp"
#include "config/json_text.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/stream_event.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t events_looked_at = 20'000;

// Objects of the API end in these.
http::response answer_with(std::string object, const char* state, std::int64_t as_of_ms) {
  object.pop_back();
  return {.body = fmt::format("{},\"state\":\"{}\",\"asOf\":\"{}\"}}\n", object, state,
                              iso_time(as_of_ms))};
}

http::refusal unknown_incident(std::string_view id, std::string_view why) {
  return {404, "unknown-incident", fmt::format("no incident {}: {}", quote_for_people(id), why)};
}

// The newest `resolved` event of the incident among the newest of all.
result<std::optional<redis::stream_event>> find_ended(redis::connection& c, const std::string& key,
                                                      const std::string& id,
                                                      const query_desk::go_on& go_on) {
  auto to = redis::stream_id::greatest();
  for (std::size_t seen = 0; seen < events_looked_at && go_on();) {
    const auto events = redis::last_events(c, key, events_page, to);
    if (!events)
      return events.failure();
    for (auto e = events->rbegin(); e != events->rend(); ++e)
      if (redis::field_of(*e, "id") == id)
        if (auto event = redis::read_stream_event(*e); event && !event->opened)
          return event;
    seen += events->size();
    if (events->size() < events_page)
      break;
    to = before(events->front().id);
  }
  return std::optional<redis::stream_event>();
}

result<http::response> answer_incident(redis::connection& c, const redis::partition_keys& keys,
                                       const std::string& id, std::int64_t as_of_ms,
                                       const query_desk::go_on& go_on) {
  // It may be resolved between the two looks, not the reverse.
  const auto open = c.call({"HGET", keys.open, id});
  if (!open)
    return open.failure();
  if (open->is_text() && open->text.ends_with('}'))
    return answer_with(open->text, "active", as_of_ms);
  const auto ended = find_ended(c, keys.incidents, id, go_on);
  if (!ended)
    return ended.failure();
  if (*ended)
    return answer_with(ended_incident_json(**ended), "resolved", as_of_ms);
  return http::to_response(unknown_incident(
      id, fmt::format("it is not open, and has not ended among the last {} events of the stream",
                      events_looked_at)));
}

} // namespace

bool is_incident_id(std::string_view text) {
  return text.size() == 22 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

void add_incident_by_id_routes(http::router& routes, const api_context& ctx) {
  const auto no_id = [](std::string_view id) {
    return unknown_incident(id, "an id is 22 letters, digits, `-` and `_`");
  };
  routes.add("GET", "/api/v1/incidents/{id}", http::right::read, [=](auto what, auto answer) {
    if (!is_incident_id(what.rest))
      return answer.send(no_id(what.rest));
    if (!what.query.empty())
      return answer.send(http::refusal{
          400, "bad-parameter",
          fmt::format("{}: this takes no parameters", quote_for_people(what.query[0].first))});
    ctx.desk->ask([id = what.rest, keys = ctx.keys, now = ctx.unix_ms](
                      auto& c, auto& go_on) { return answer_incident(c, keys, id, now(), go_on); },
                  std::move(answer), ctx.monotonic_ms());
  });
  // Where links in notifications lead: the page finds the incident itself.
  routes.add("GET", "/incidents/{id}", http::right::open, [=](auto what, auto answer) {
    if (!is_incident_id(what.rest))
      return answer.send(no_id(what.rest));
    answer.send(http::response{.status = 302,
                               .content_type = "text/plain; charset=utf-8",
                               .body = "see ../#/incidents/" + what.rest + "\n",
                               .headers = {{"Location", "../#/incidents/" + what.rest}}});
  });
}

} // namespace tocsin
