#include "streams/redis/consumer_group.hpp"

#include "streams/redis/incident_stream.hpp"
#include "streams/redis/script.hpp"

#include <algorithm>

namespace tocsin::redis {

namespace {

constexpr std::string_view consumer = "engine";

// KEYS: lease, incidents. ARGV: owner, group, consumer, count. An array is what was taken.
constexpr std::string_view take_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'FENCED' end
local got = redis.pcall('XREADGROUP', 'GROUP', ARGV[2], ARGV[3], 'COUNT', ARGV[4],
                        'STREAMS', KEYS[2], '>')
if not got then return {} end
if got.err and string.find(got.err, 'NOGROUP', 1, true) then return 'NOGROUP' end
return got.err and got or got[1][2]
)lua";

// KEYS: incidents, dead. ARGV: group, id, how many letters stay, then the letter's fields. The XACK
// comes first, since a script that has written may write on where Redis is full.
constexpr std::string_view bury_source = R"lua(
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 4))
)lua";

const script& take_script() {
  static const script it(take_source);
  return it;
}

const script& bury_script() {
  static const script it(bury_source);
  return it;
}

std::optional<group_facts> facts_of(const reply& r) {
  group_facts out;
  for (std::size_t i = 0; i + 1 < r.elements.size(); i += 2) {
    const auto& value = r.elements[i + 1];
    if (r.elements[i].text == "name")
      out.name = value.text;
    else if (r.elements[i].text == "pending")
      out.pending = static_cast<std::uint64_t>(value.number);
    else if (r.elements[i].text == "last-delivered-id")
      out.last_delivered = stream_id::parse(value.text).value_or(stream_id{});
  }
  return out.name.empty() ? std::nullopt : std::optional(std::move(out));
}

// [[id, consumer, idle, deliveries]…]. An event is delivered once when it is taken, so one less
// have failed.
bool read_pending(const reply& r, std::vector<pending_event>& into) {
  for (const auto& e : r.elements) {
    const auto id = e.elements.size() == 4 ? stream_id::parse(e.elements[0].text) : std::nullopt;
    if (!id)
      return false;
    const auto failed = std::max<std::int64_t>(e.elements[3].number - 1, 0);
    into.push_back({{*id, {}}, static_cast<std::uint32_t>(failed)});
  }
  return r.is_array();
}

} // namespace

result<std::vector<group_facts>> list_groups(connection& c, const std::string& key) {
  const auto r = c.exchange({"XINFO", "GROUPS", key});
  if (!r)
    return r.failure();
  std::vector<group_facts> out;
  if (r->is_error() && r->text.find("no such key") != std::string::npos)
    return out;
  if (r->is_error())
    return reply_error(c, "XINFO GROUPS " + key, *r);
  for (const auto& e : r->elements)
    if (auto facts = facts_of(e))
      out.push_back(std::move(*facts));
  return out;
}

result<bool> consumer_group::create(connection& c, std::optional<stream_id> after) const {
  const auto from = after ? after->text() : "$";
  const auto r = c.exchange({"XGROUP", "CREATE", keys_.incidents, name_, from, "MKSTREAM"});
  if (!r)
    return r.failure();
  if (r->error_code() == "BUSYGROUP")
    return false;
  if (r->is_error())
    return reply_error(c, "XGROUP CREATE " + keys_.incidents, *r);
  return true;
}

result<std::optional<stream_id>> consumer_group::position(connection& c) const {
  const auto groups = list_groups(c, keys_.incidents);
  if (!groups)
    return groups.failure();
  for (const auto& g : *groups)
    if (g.name == name_)
      return std::optional(g.last_delivered);
  return std::optional<stream_id>();
}

// Not XREADGROUP from 0: that counts as a delivery, and so would every restart as a try.
result<std::vector<pending_event>> consumer_group::pending(connection& c,
                                                           std::uint32_t count) const {
  const auto n = std::to_string(std::clamp<std::uint32_t>(count, 1, events_read_max));
  const auto r = c.exchange({"XPENDING", keys_.incidents, name_, "-", "+", n});
  if (!r)
    return r.failure();
  std::vector<pending_event> out;
  if (r->error_code() == "NOGROUP")
    return out;
  if (!read_pending(*r, out))
    return r->is_error() ? reply_error(c, "XPENDING " + keys_.incidents, *r)
                         : shape_error(c, "XPENDING " + keys_.incidents);
  for (const auto& e : out) {
    const auto id = e.entry.id.text();
    c.append({"XRANGE", keys_.incidents, id, id});
  }
  auto replies = c.flush();
  if (!replies)
    return replies.failure();
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::vector<stream_entry> found;
    if (!take_entries(std::move((*replies)[i]), found) || found.size() > 1)
      return shape_error(c, "XRANGE " + keys_.incidents);
    if (!found.empty())
      out[i].entry = std::move(found.front());
  }
  return out;
}

result<taken_events> consumer_group::take(connection& c, std::string_view owner,
                                          std::uint32_t count) const {
  const auto n = std::to_string(std::clamp<std::uint32_t>(count, 1, events_read_max));
  const std::string_view names[] = {keys_.lease, keys_.incidents};
  const std::string_view args[] = {owner, name_, consumer, n};
  auto r = take_script().run(c, names, args);
  if (!r)
    return r.failure();
  taken_events out;
  if (r->text == "FENCED" || r->text == "NOGROUP") {
    out.what =
        r->text == "FENCED" ? taken_events::outcome::fenced : taken_events::outcome::no_group;
    return out;
  }
  if (!take_entries(std::move(*r), out.entries))
    return shape_error(c, "XREADGROUP " + keys_.incidents);
  return out;
}

status consumer_group::acknowledge(connection& c, std::span<const stream_id> ids) const {
  if (ids.empty())
    return done{};
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  std::vector<std::string_view> words = {"XACK", keys_.incidents, name_};
  for (const auto& id : ids)
    words.push_back(texts.emplace_back(id.text()));
  const auto r = c.call(words);
  return r ? status(done{}) : status(r.failure());
}

// The count of deliveries carries the tries: it stands beside the pending event, is seen in
// XPENDING, and goes with it.
status consumer_group::set_tries(connection& c, stream_id id, std::uint32_t tries) const {
  const auto text = id.text(), count = std::to_string(std::uint64_t{tries} + 1);
  const auto r = c.exchange({"XCLAIM", keys_.incidents, name_, consumer, "0", text, "RETRYCOUNT",
                             count, "JUSTID"});
  if (!r)
    return r.failure();
  if (r->is_error() && r->error_code() != "NOGROUP") // of a group that is gone nothing is kept
    return reply_error(c, "XCLAIM " + keys_.incidents, *r);
  return done{};
}

status consumer_group::bury(connection& c, const std::string& key,
                            const dead_letter& letter) const {
  const auto id = letter.event.id.text(), tries = std::to_string(letter.tries);
  const auto stay = std::to_string(dead_letters_max);
  const std::string_view names[] = {keys_.incidents, key};
  std::vector<std::string_view> args = {name_,      id,      stay,  "sink",    letter.sink, "why",
                                        letter.why, "tries", tries, "eventId", id};
  for (const auto& [field, value] : letter.event.fields) {
    args.push_back(field);
    args.push_back(value);
  }
  const auto r = bury_script().run(c, names, args);
  return r ? status(done{}) : status(r.failure());
}

} // namespace tocsin::redis
