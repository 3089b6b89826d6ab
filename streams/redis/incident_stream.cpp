#include "streams/redis/incident_stream.hpp"

#include "streams/redis/sample_log.hpp"

#include <algorithm>

namespace tocsin::redis {

namespace {

std::string bounded(std::uint32_t count) {
  return std::to_string(std::clamp<std::uint32_t>(count, 1, events_read_max));
}

bool take_pairs(std::vector<reply>&& flat, std::vector<field_value>& into) {
  if (flat.size() % 2 != 0)
    return false;
  into.reserve(flat.size() / 2);
  for (std::size_t i = 0; i < flat.size(); i += 2)
    into.emplace_back(std::move(flat[i].text), std::move(flat[i + 1].text));
  return true;
}

result<std::vector<stream_entry>> entries_of(connection& c, const std::string& key,
                                             result<reply> r) {
  if (!r)
    return r.failure();
  std::vector<stream_entry> entries;
  if (!take_entries(std::move(*r), entries))
    return shape_error(c, key);
  return entries;
}

} // namespace

bool take_entries(reply&& from, std::vector<stream_entry>& into) {
  if (from.is_nil())
    return true;
  into.reserve(from.elements.size());
  for (auto& r : from.elements) {
    if (r.elements.size() != 2)
      return false;
    const auto id = stream_id::parse(r.elements[0].text);
    stream_entry entry;
    if (!id || !take_pairs(std::move(r.elements[1].elements), entry.fields))
      return false;
    entry.id = *id;
    into.push_back(std::move(entry));
  }
  return from.is_array();
}

result<std::vector<stream_entry>> events_after(connection& c, const std::string& key,
                                               stream_id after, std::uint32_t count) {
  if (after == stream_id::greatest())
    return std::vector<stream_entry>();
  return events_between(c, key, after.next(), stream_id::greatest(), count);
}

result<std::vector<stream_entry>> events_between(connection& c, const std::string& key,
                                                 stream_id from, stream_id to,
                                                 std::uint32_t count) {
  const auto low = from.text(), high = to.text(), n = bounded(count);
  return entries_of(c, key, c.call({"XRANGE", key, low, high, "COUNT", n}));
}

result<std::vector<stream_entry>> last_events(connection& c, const std::string& key,
                                              std::uint32_t count, stream_id to) {
  const auto high = to.text(), n = bounded(count);
  auto entries = entries_of(c, key, c.call({"XREVRANGE", key, high, "-", "COUNT", n}));
  if (entries)
    std::reverse(entries->begin(), entries->end());
  return entries;
}

result<std::vector<stream_entry>> wait_for_events(connection& c, const std::string& key,
                                                  stream_id after, std::uint32_t count,
                                                  std::int64_t timeout_ms) {
  const auto n = bounded(count), from = after.text();
  const auto block = std::to_string(std::max<std::int64_t>(timeout_ms, 1));
  const std::string_view words[] = {"XREAD", "COUNT", n, "BLOCK", block, "STREAMS", key, from};
  auto r = c.exchange_or_stall(words, timeout_ms + stall_slack_ms);
  if (!r)
    return r.failure();
  if (!r->has_value())
    return error{c.where() + ": XREAD " + key + ": no answer in time"};
  if ((*r)->is_error())
    return reply_error(c, "XREAD " + key, **r);
  if ((*r)->is_nil())
    return std::vector<stream_entry>();
  if ((*r)->elements.size() != 1 || (*r)->elements[0].elements.size() != 2)
    return shape_error(c, "XREAD " + key);
  return entries_of(c, key, std::move((*r)->elements[0].elements[1]));
}

result<open_snapshot> read_open(connection& c, const partition_keys& keys) {
  c.append({"MULTI"});
  c.append({"HGETALL", keys.open});
  c.append({"HGET", keys.progress, "lastEventId"});
  c.append({"EXEC"});
  auto replies = c.flush();
  if (!replies)
    return replies.failure();
  auto& exec = replies->back();
  if (exec.is_error())
    return reply_error(c, "MULTI on " + keys.open, exec);
  if (exec.elements.size() != 2 || exec.elements[0].is_error() || exec.elements[1].is_error())
    return shape_error(c, "MULTI on " + keys.open);
  open_snapshot snapshot;
  if (!take_pairs(std::move(exec.elements[0].elements), snapshot.open))
    return shape_error(c, "HGETALL " + keys.open);
  snapshot.last_event = stream_id::parse(exec.elements[1].text).value_or(stream_id{});
  return snapshot;
}

const std::string& field_of(const stream_entry& entry, std::string_view name) {
  static const std::string none;
  for (const auto& [field, value] : entry.fields)
    if (field == name)
      return value;
  return none;
}

} // namespace tocsin::redis
