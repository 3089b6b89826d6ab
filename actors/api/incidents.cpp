#include "actors/api/incidents.hpp"

#include "actors/api/bad_parameter.hpp"
#include "actors/api/incident_counts.hpp"
#include "config/json_text.hpp"
#include "config/text_map.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/partition_state.hpp"
#include "streams/redis/stream_event.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace tocsin {

namespace {

constexpr std::size_t limit_max = 5'000; // some 2.5 MB of them
constexpr std::size_t open_max = 100'000;
constexpr std::size_t events_scanned_max = 20'000; // then the page ends, full or not

struct incident_page {
  std::vector<std::string> objects;
  std::string next;                      // empty: this is the last
  std::optional<incident_counts> counts; // of all that are asked for, whatever the page
  std::size_t bytes = 0;

  void add(std::string object) {
    bytes += object.size();
    objects.push_back(std::move(object));
  }
  // Long labels and annotations make a page end sooner.
  bool is_full(std::size_t limit) const {
    return objects.size() == limit || bytes > query_desk::answer_bytes_max / 2;
  }

  http::response answer(std::int64_t as_of_ms) const {
    return {.body = fmt::format(R"({{"incidents":[{}],"next":{},{}"asOf":"{}"}})"
                                "\n",
                                fmt::join(objects, ","), next.empty() ? "null" : quote_json(next),
                                counts ? "\"counts\":" + counts->json() + "," : "",
                                iso_time(as_of_ms))};
  }
};

bool is_asked(const incident_question& q, std::string_view rule, std::string_view host,
              std::int64_t at_ms) {
  return (!q.rule || *q.rule == rule) && (!q.host || *q.host == host) && at_ms >= q.from_ms &&
         at_ms <= q.to_ms;
}

// By start and id, so that no two are in one place.
using open_by_place = std::map<std::string, std::string>;

template <class Each>
incident_page page_of(Each it, Each end, std::size_t limit) {
  incident_page page;
  for (std::string_view last; it != end; ++it) {
    if (page.is_full(limit)) {
      page.next = last;
      break;
    }
    page.add(std::move(it->second));
    last = it->first;
  }
  return page;
}

// Open incidents behind the cursor. Their records are the answer.
result<std::optional<incident_page>> active_page(redis::connection& c, const std::string& key,
                                                 const incident_question& q) {
  const auto count = c.call({"HLEN", key});
  if (!count)
    return count.failure();
  if (static_cast<std::size_t>(count->number) > open_max)
    return std::optional<incident_page>();
  open_by_place open; // a visit may see a field twice
  incident_counts counts;
  const auto scanned = redis::scan_hash(c, key, [&](std::string id, std::string json) {
    const auto record = read_open_record(json);
    if (!record || !is_asked(q, record->about.name, record->host, record->start_ms))
      return;
    if (q.counts)
      counts.add(id, record->about.name, record->host);
    const auto place = fmt::format("{:016}.{}", record->start_ms, id);
    if (q.cursor.empty() || (q.newest_first ? place < q.cursor : place > q.cursor))
      open.emplace(place, std::move(json));
  });
  if (!scanned)
    return scanned.failure();
  auto page = q.newest_first ? page_of(open.rbegin(), open.rend(), q.limit)
                             : page_of(open.begin(), open.end(), q.limit);
  if (q.counts)
    page.counts = std::move(counts);
  return std::optional(std::move(page));
}

// Ended incidents, newest first. An event's id begins with when it happened.
result<incident_page> resolved_page(redis::connection& c, const std::string& key,
                                    const incident_question& q, const query_desk::go_on& go_on) {
  incident_page page;
  const auto cursor = redis::stream_id::parse(q.cursor);
  redis::stream_id to{static_cast<std::uint64_t>(q.to_ms), UINT64_MAX};
  if (cursor)
    to = std::min(to, before(*cursor));
  for (std::size_t seen = 0; to.ms > 0;) {
    const auto events = redis::last_events(c, key, events_page, to);
    if (!events)
      return events.failure();
    for (auto e = events->rbegin(); e != events->rend(); ++e) {
      if (static_cast<std::int64_t>(e->id.ms) < q.from_ms)
        return page;
      const auto event = redis::read_stream_event(*e);
      if (event && !event->opened &&
          is_asked(q, event->rule_name, event->host_name, static_cast<std::int64_t>(e->id.ms)))
        page.add(ended_incident_json(*event));
      to = e->id;
      if (page.is_full(q.limit) || ++seen == events_scanned_max) {
        page.next = to.text();
        return page;
      }
    }
    if (events->size() < events_page)
      return page;
    if (!go_on()) {
      page.next = to.text();
      return page;
    }
    to = before(to);
  }
  return page;
}

result<http::response> answer_page(redis::connection& c, const redis::partition_keys& keys,
                                   const incident_question& q, std::int64_t as_of_ms,
                                   const query_desk::go_on& go_on) {
  if (!q.active) {
    const auto page = resolved_page(c, keys.incidents, q, go_on);
    return page ? result<http::response>(page->answer(as_of_ms)) : page.failure();
  }
  const auto page = active_page(c, keys.open, q);
  if (!page)
    return page.failure();
  if (!*page)
    return http::to_response(
        http::refusal{413, "too-large",
                      fmt::format("more than {} incidents are open: read the Redis hash {}",
                                  open_max, keys.open)});
  return (*page)->answer(as_of_ms);
}

bool read_number(std::string_view text, std::uint64_t least, std::uint64_t most,
                 std::uint64_t& into) {
  const auto n = redis::parse_unsigned(text);
  into = n.value_or(0);
  return n && *n >= least && *n <= most;
}

// Why a parameter is refused; nothing: it was taken.
std::optional<http::refusal> take_parameter(const std::string& name, const std::string& value,
                                            incident_question& q) {
  std::uint64_t n = 0;
  if (name == "state") {
    q.active = value == "active";
    return q.active || value == "resolved" ? std::optional<http::refusal>()
                                           : bad_parameter(name, "must be `active` or `resolved`");
  }
  if (name == "order") {
    q.newest_first = value == "newest";
    return q.newest_first || value == "oldest"
               ? std::optional<http::refusal>()
               : bad_parameter(name, "must be `oldest` or `newest`");
  }
  if (name == "counts") {
    q.counts = value == "true";
    return q.counts || value == "false" ? std::optional<http::refusal>()
                                        : bad_parameter(name, "must be `true` or `false`");
  }
  if (name == "limit") {
    const bool fine = read_number(value, 1, limit_max, n);
    q.limit = n;
    return fine ? std::optional<http::refusal>() : bad_parameter(name, "must be 1 to 5000");
  }
  if (name == "from" || name == "to") {
    const bool fine = read_number(value, 0, time_max_ms, n);
    (name == "from" ? q.from_ms : q.to_ms) = static_cast<std::int64_t>(n);
    return fine ? std::optional<http::refusal>()
                : bad_parameter(name, "must be a time: milliseconds since 1970");
  }
  if (name == "rule")
    q.rule = value;
  else if (name == "host")
    q.host = value;
  else if (name == "cursor")
    q.cursor = value;
  else
    return bad_parameter(name,
                         "is none of state, rule, host, from, to, order, counts, limit, cursor");
  return std::nullopt;
}

} // namespace

redis::stream_id before(redis::stream_id id) {
  return id.seq > 0 ? redis::stream_id{id.ms, id.seq - 1}
                    : redis::stream_id{id.ms == 0 ? 0 : id.ms - 1, UINT64_MAX};
}

std::string ended_incident_json(const redis::stream_event& e) {
  auto out = redis::incident_object_json(e);
  out.pop_back();
  const auto add = [&](std::string_view name, const std::string& json) {
    if (!json.empty())
      out += fmt::format(",\"{}\":{}", name, json);
  };
  for (const auto& [name, text] :
       {std::pair("reason", &e.reason), std::pair("field", &e.field),
        std::pair("aggregation", &e.aggregation), std::pair("operand", &e.operand)})
    add(name, quote_json(*text));
  add("threshold", e.threshold);
  add("timeframe", e.timeframe);
  add("labels", e.labels.empty() ? "" : write_texts(e.labels));
  add("annotations", e.annotations.empty() ? "" : write_texts(e.annotations));
  return out + '}';
}

result<incident_question, http::refusal> read_incident_question(const http::request& what) {
  incident_question q;
  for (const auto& [name, value] : what.query)
    if (auto why = take_parameter(name, value, q))
      return std::move(*why);
  if (!q.active && (q.newest_first || q.counts))
    return bad_parameter(q.counts ? "counts" : "order",
                         "is of active incidents: those that have ended come newest end first");
  if (!q.active && !q.cursor.empty() && !redis::stream_id::parse(q.cursor))
    return bad_parameter("cursor", "must be the `next` of the page before");
  return q;
}

void add_incident_routes(http::router& routes, const api_context& ctx) {
  routes.add("GET", "/api/v1/incidents", http::right::read, [ctx](auto what, auto answer) {
    const auto question = read_incident_question(what);
    if (!question)
      return answer.send(question.failure());
    ctx.desk->ask([q = *question, keys = ctx.keys, now = ctx.unix_ms](
                      auto& c, auto& go_on) { return answer_page(c, keys, q, now(), go_on); },
                  std::move(answer), ctx.monotonic_ms());
  });
}

} // namespace tocsin
