#include "streams/redis/partition_state.hpp"

#include "streams/redis/incident_stream.hpp"

#include <algorithm>
#include <array>

namespace tocsin::redis {

namespace {

constexpr std::uint32_t page = 1'000;
constexpr std::uint32_t scan_page = 2'000; // about 1 MB of hosts with ten fields

std::optional<tick_row> row_of(stream_entry&& e) {
  tick_row row;
  row.end_ms = static_cast<std::int64_t>(e.id.ms);
  int known = 0;
  for (auto& [field, value] : e.fields) {
    if (field == "logId") {
      row.log_id = std::move(value);
    } else if (field == "blind") {
      row.blind = value == "1";
    } else if (field == "nonBlind") {
      const auto n = parse_unsigned(value);
      if (!n)
        return std::nullopt;
      row.non_blind = static_cast<std::int64_t>(*n);
    } else if (field == "rules") {
      row.rules = std::move(value);
    } else {
      row.extra.emplace_back(std::move(field), std::move(value));
      continue;
    }
    ++known;
  }
  return known == 4 && e.id.seq == 0 ? std::optional(std::move(row)) : std::nullopt;
}

error row_error(const connection& c, const partition_keys& keys, stream_id id) {
  return error{c.where() + ": " + keys.ticks + ": entry " + id.text() + " is no row of a tick"};
}

} // namespace

result<std::optional<progress_mark>> load_progress(connection& c, const partition_keys& keys) {
  auto r = c.call({"HMGET", keys.progress, "tick", "part", "logId", "rules", "lastEventId"});
  if (!r)
    return r.failure();
  auto& e = r->elements;
  if (e.size() != 5)
    return shape_error(c, "HMGET " + keys.progress);
  const auto missing = std::count_if(e.begin(), e.end(), [](auto& v) { return v.is_nil(); });
  if (missing == 5)
    return std::optional<progress_mark>();
  if (missing != 0)
    return error{c.where() + ": " + keys.progress + " lacks some of its fields"};
  return std::optional(progress_mark{std::move(e[0].text), std::move(e[1].text),
                                     std::move(e[2].text), std::move(e[3].text),
                                     std::move(e[4].text)});
}

status scan_hash(connection& c, const std::string& key, const field_visitor& visit) {
  const auto count = std::to_string(scan_page);
  const auto ask = [&](const std::string& cursor) {
    c.append({"HSCAN", key, cursor, "COUNT", count});
    return c.send();
  };
  auto asked = ask("0");
  for (bool more = true; more;) {
    auto r = asked ? c.receive() : result<reply>(asked.failure());
    if (!r)
      return r.failure();
    if (r->is_error())
      return reply_error(c, "HSCAN " + key, *r);
    if (r->elements.size() != 2 || r->elements[1].elements.size() % 2 != 0)
      return shape_error(c, "HSCAN " + key);
    more = r->elements[0].text != "0";
    if (more)
      asked = ask(r->elements[0].text); // Redis looks for them while these are visited
    auto& flat = r->elements[1].elements;
    for (std::size_t i = 0; i < flat.size(); i += 2)
      visit(std::move(flat[i].text), std::move(flat[i + 1].text));
  }
  return done{};
}

result<hash_piece> scan_piece(connection& c, const std::string& key, const std::string& cursor,
                              std::size_t count) {
  auto r = c.call({"HSCAN", key, cursor, "COUNT", std::to_string(count)});
  if (!r)
    return r.failure();
  if (r->elements.size() != 2 || r->elements[1].elements.size() % 2 != 0)
    return shape_error(c, "HSCAN " + key);
  hash_piece out;
  out.cursor = std::move(r->elements[0].text);
  auto& flat = r->elements[1].elements;
  for (std::size_t i = 0; i < flat.size(); i += 2)
    out.fields.emplace_back(std::move(flat[i].text), std::move(flat[i + 1].text));
  return out;
}

status scan_ticks(connection& c, const partition_keys& keys, std::int64_t from_ms,
                  std::int64_t to_ms, const std::function<void(tick_row row)>& visit) {
  stream_id from{static_cast<std::uint64_t>(std::max<std::int64_t>(from_ms, 0)), 0};
  const stream_id to{static_cast<std::uint64_t>(std::max<std::int64_t>(to_ms, 0)), UINT64_MAX};
  while (from <= to) {
    auto entries = events_between(c, keys.ticks, from, to, page);
    if (!entries)
      return entries.failure();
    for (auto& e : *entries) {
      const auto id = e.id;
      auto row = row_of(std::move(e));
      if (!row)
        return row_error(c, keys, id);
      visit(std::move(*row));
      from = id.next();
    }
    if (entries->size() < page)
      break;
  }
  return done{};
}

result<std::optional<tick_row>> last_tick(connection& c, const partition_keys& keys) {
  auto entries = last_events(c, keys.ticks, 1);
  if (!entries)
    return entries.failure();
  if (entries->empty())
    return std::optional<tick_row>();
  const auto id = entries->front().id;
  auto row = row_of(std::move(entries->front()));
  return row ? result<std::optional<tick_row>>(std::move(row)) : row_error(c, keys, id);
}

} // namespace tocsin::redis
