#include "streams/redis/partition_state.hpp"

#include "streams/redis/incident_stream.hpp"

#include <algorithm>
#include <array>

namespace tocsin::redis {

namespace {

constexpr std::uint32_t page = 1'000;
constexpr std::uint32_t scan_page = 2'000; // about 1 MB of hosts with ten fields

} // namespace

std::optional<tick_row> read_row(stream_entry&& e) {
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
      from = e.id.next();
      if (auto row = read_row(std::move(e)))
        visit(std::move(*row));
    }
    if (entries->size() < page)
      break;
  }
  return done{};
}

result<std::optional<tick_row>> last_tick(connection& c, const partition_keys& keys) {
  std::uint32_t count = 1; // mostly that is it
  for (auto to = stream_id::greatest();; count = page) {
    auto entries = last_events(c, keys.ticks, count, to);
    if (!entries)
      return entries.failure();
    const auto first = entries->empty() ? stream_id{} : entries->front().id;
    for (auto e = entries->rbegin(); e != entries->rend(); ++e)
      if (auto row = read_row(std::move(*e)))
        return std::optional(std::move(*row));
    if (entries->empty() || (first == to && count > 1))
      return std::optional<tick_row>();
    to = first; // met twice, and no row
  }
}

} // namespace tocsin::redis
