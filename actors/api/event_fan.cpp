#include "actors/api/event_fan.hpp"

#include "actors/api/event_text.hpp"
#include "actors/api/query_desk.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::uint32_t page_events = 250;     // some 150 KB
constexpr std::size_t text_bytes_max = 65'536; // somebody else wrote it, if it is longer
constexpr std::uint32_t count_events = 1'000;

// What the engine says beside incidents finds room also where these fill a client's.
std::size_t kept_back(std::size_t bytes_max) {
  return bytes_max / 8;
}

std::string reset_text(redis::stream_id at) {
  return event_text("reset", "{}", at.text());
}

// Entries may have gone from between `at` and the first that is there.
bool may_be_cut(const redis::stream_facts& facts, redis::stream_id at) {
  if (facts.added && *facts.added == facts.length)
    return false; // none ever has
  return !facts.first || *facts.first > at;
}

} // namespace

void event_fan::turn_away(const std::string& why) {
  for (auto& n : newcomers_)
    n.owed.send(not_now("redis-away", why));
  newcomers_.clear();
}

void event_fan::end_all() {
  for (auto& n : newcomers_)
    n.owed.send(not_now("busy", "the tokens have just changed: ask again"));
  newcomers_.clear();
  clients_.clear();
}

result<bool> event_fan::can_go_on(redis::connection& c, redis::stream_id after,
                                  const redis::stream_facts& facts) {
  if (after == facts.last_generated)
    return true;
  if (after > facts.last_generated || may_be_cut(facts, after))
    return false;
  if (facts.length <= bounds_.events_back_max)
    return true;
  // Counted, as nothing else tells how many there are behind it.
  auto at = after;
  for (std::size_t seen = 0; seen <= bounds_.events_back_max;) {
    const auto some = redis::events_after(c, key_, at, count_events);
    if (!some)
      return some.failure();
    seen += some->size();
    if (some->size() < count_events)
      return seen <= bounds_.events_back_max;
    at = some->back().id;
  }
  return false;
}

void event_fan::admit(live_events::newcomer&& one, redis::stream_id at, bool reset, bool behind) {
  auto [writer, reader] = http::make_stream(bounds_.waiting_bytes_max);
  // An id without an event: whoever is cut off before the first one goes on from here.
  writer.push(fmt::format("retry: 2000\nid: {}\n\n", at.text()));
  if (reset)
    writer.push(reset_text(at));
  one.owed.send(http::response{.content_type = "text/event-stream",
                               .headers = {{"X-Accel-Buffering", "no"}},
                               .hold = std::move(one.slot),
                               .stream = std::move(reader)});
  clients_.push_back({std::move(writer), at, behind});
}

status event_fan::admit_all(redis::connection& c) {
  if (newcomers_.empty())
    return done{};
  const auto facts = redis::read_stream_facts(c, key_);
  if (!facts)
    return facts.failure();
  while (!newcomers_.empty()) {
    const auto after = newcomers_.back().after;
    const auto fine = after ? can_go_on(c, *after, *facts) : result<bool>(true);
    if (!fine)
      return fine.failure();
    const auto at = after && *fine ? *after : facts->last_generated;
    admit(std::move(newcomers_.back()), at, !*fine, at != facts->last_generated);
    newcomers_.pop_back();
  }
  return done{};
}

// Behind a new connection there may be another Redis, with other data.
status event_fan::check_places(redis::connection& c) {
  const auto facts = redis::read_stream_facts(c, key_);
  if (!facts)
    return facts.failure();
  for (auto& one : clients_)
    if (one.at > facts->last_generated)
      reset(one, facts->last_generated);
  return done{};
}

void event_fan::reset(client& one, redis::stream_id to) {
  one.at = to;
  one.behind = false;
  one.to.push(reset_text(to));
}

result<event_fan::page> event_fan::read_page(redis::connection& c, redis::stream_id after) const {
  const auto entries = redis::events_after(c, key_, after, page_events);
  if (!entries)
    return entries.failure();
  page out;
  for (const auto& entry : *entries) {
    const auto event = redis::read_stream_event(entry);
    auto text = event ? event_text("incident", incident_event_json(*event), entry.id.text()) : "";
    out.events.emplace_back(entry.id, text.size() <= text_bytes_max ? std::move(text) : "");
  }
  out.last = entries->size() < page_events;
  return out;
}

void event_fan::give(client& one, const page& from) const {
  const auto kept = kept_back(bounds_.waiting_bytes_max);
  const auto room = one.to.room();
  std::string text;
  auto at = one.at;
  bool all = true;
  for (const auto& [id, event] : from.events) {
    if (text.size() + event.size() + kept > room) {
      all = false;
      break;
    }
    text += event;
    at = id;
  }
  if (!text.empty() && !one.to.push(text))
    return; // it is gone
  one.at = at;
  one.behind = !all || !from.last;
}

bool event_fan::has_room(const client& one) const {
  return one.to.room() >= bounds_.waiting_bytes_max / 2;
}

result<bool> event_fan::serve_place(redis::connection& c, redis::stream_id at) {
  const auto read = read_page(c, at);
  if (!read)
    return read.failure();
  const auto is_here = [&](const client& one) { return one.at == at && has_room(one); };
  // Who was at the stream's end a moment ago has missed nothing: trimming begins at the other end.
  const bool cut_off = std::any_of(clients_.begin(), clients_.end(),
                                   [&](auto& one) { return is_here(one) && one.behind; });
  std::optional<redis::stream_id> cut_to;
  if (cut_off) {
    const auto facts = redis::read_stream_facts(c, key_);
    if (!facts)
      return facts.failure();
    if (at < facts->last_generated && may_be_cut(*facts, at))
      cut_to = facts->last_generated;
  }
  bool more = false;
  for (auto& one : clients_) {
    if (!is_here(one))
      continue;
    one.behind&& cut_to ? reset(one, *cut_to) : give(one, *read);
    more = more || (one.behind && has_room(one));
  }
  return more;
}

result<bool> event_fan::serve(redis::connection& c, std::uint64_t opened, std::int64_t now_ms) {
  if (std::exchange(opened_, opened) != opened && !clients_.empty())
    if (auto s = check_places(c); !s) {
      opened_ = 0;
      return s.failure();
    }
  if (auto s = admit_all(c); !s)
    return s.failure();
  std::set<redis::stream_id> places;
  for (auto& one : clients_)
    if (has_room(one))
      places.insert(one.at);
    else
      one.behind = true; // who knows
  bool more = false;
  for (const auto at : places) {
    const auto left = serve_place(c, at);
    if (!left)
      return left.failure();
    more = more || *left;
  }
  look_after(now_ms);
  return more;
}

void event_fan::drop_if(const std::function<bool(client&)>& why) {
  for (auto it = clients_.begin(); it != clients_.end();) {
    const bool slow = why(*it);
    if (slow || it->to.too_slow())
      dropped_.add();
    it = slow || it->to.over() ? clients_.erase(it) : std::next(it);
  }
}

void event_fan::say(std::string_view text) {
  drop_if([&](client& one) { return !one.to.push(text) && !one.to.over(); });
}

void event_fan::look_after(std::int64_t now_ms) {
  if (now_ms >= next_beat_ms_) {
    next_beat_ms_ = now_ms + bounds_.beat_ms;
    say(beat_text);
  }
  drop_if([&](client& one) {
    if (!one.behind || has_room(one)) {
      one.no_room_since = 0;
      return false;
    }
    if (one.no_room_since == 0)
      one.no_room_since = now_ms;
    return now_ms - one.no_room_since >= bounds_.stall_ms;
  });
}

bool event_fan::behind() const {
  return std::any_of(clients_.begin(), clients_.end(), [](auto& one) { return one.behind; });
}

} // namespace tocsin
