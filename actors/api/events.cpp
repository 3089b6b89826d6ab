#include "actors/api/events.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// HEAD: what a stream would begin with.
http::response empty_stream() {
  auto made = http::make_stream(1);
  return {.content_type = "text/event-stream", .stream = std::move(made.second)};
}

} // namespace

result<std::optional<redis::stream_id>, http::refusal> read_last_event(const http::request& what) {
  for (const auto& [name, value] : what.query)
    if (name != "lastEventId")
      return http::refusal{400, "bad-parameter",
                           fmt::format("`{}` is not lastEventId", name.substr(0, 64))};
  // A browser that connects again sends the header, with the query that it began with.
  auto text = what.header("Last-Event-ID");
  if (!text || text->empty())
    text = what.parameter("lastEventId");
  if (!text || text->empty())
    return std::optional<redis::stream_id>();
  const auto id = redis::stream_id::parse(*text);
  if (!id)
    return http::refusal{400, "bad-parameter",
                         "`lastEventId` must be the id of an event: 1700000100000-3"};
  return id;
}

void add_event_routes(http::router& routes, live_events& live) {
  routes.add("GET", "/api/v1/events", http::right::read, [&live](auto what, auto answer) {
    const auto after = read_last_event(what);
    if (!after)
      return answer.send(after.failure());
    if (what.method == "HEAD")
      return answer.send(empty_stream());
    live.subscribe(std::move(answer), *after);
  });
}

} // namespace tocsin
