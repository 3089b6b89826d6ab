#include "streams/redis/partition_repair.hpp"

#include "streams/redis/commit.hpp"
#include "streams/redis/script.hpp"

#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace tocsin::redis {

namespace {

// In each the HDEL does nothing: it is a first write that a full Redis takes (see
// commit_script.hpp).
constexpr std::string_view progress_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
local row = {unpack(ARGV, 7)}
if #row > 0 and #redis.call('XRANGE', KEYS[3], row[1], row[1]) == 0 then
  redis.call('XADD', KEYS[3], unpack(row))
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'tick', ARGV[2], 'part', ARGV[3], 'logId', ARGV[4], 'rules', ARGV[5],
           'lastEventId', ARGV[6])
return 'HELD'
)lua";

constexpr std::string_view strays_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
if redis.call('EXISTS', KEYS[2]) == 0 then return 'HELD' end
if #ARGV > 2 then redis.call('XDEL', KEYS[2], unpack(ARGV, 3)) end
local last = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local function is_above(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  if a_ms ~= b_ms then return tonumber(a_ms) > tonumber(b_ms) end
  return tonumber(a_seq) > tonumber(b_seq)
end
local top = ARGV[2]
if last and is_above(last[1], top) then top = last[1] end
redis.call('XSETID', KEYS[2], top)
return 'HELD'
)lua";

constexpr std::string_view add_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
for i = 2, #ARGV, 2 do redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 'HELD'
)lua";

constexpr std::string_view held_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
local now = redis.call('HMGET', KEYS[2], 'tick', 'part')
if now[1] and now[2] then
  redis.call('HSET', KEYS[2], 'held', table.concat({now[1], now[2], redis.call('HLEN', KEYS[3]),
             redis.call('HLEN', KEYS[4]), redis.call('HLEN', KEYS[5])}, ' '))
end
return 'HELD'
)lua";

result<lease_outcome> run(const script& s, connection& c, std::span<const std::string_view> keys,
                          std::span<const std::string_view> args) {
  const auto r = s.run(c, keys, args);
  if (!r)
    return r.failure();
  if (r->text != "HELD" && r->text != "REFUSED")
    return shape_error(c, "repair");
  return r->text == "HELD" ? lease_outcome::held : lease_outcome::refused;
}

} // namespace

result<lease_outcome> set_progress(connection& c, const partition_keys& keys,
                                   const std::string& owner, const progress_mark& m,
                                   const std::optional<tick_row>& row) {
  static const script s(progress_source);
  const std::string_view names[] = {keys.lease, keys.progress, keys.ticks};
  std::vector<std::string_view> args = {owner, m.tick, m.part, m.log_id, m.rules, m.last_event_id};
  const auto words = row ? row_words(*row) : std::vector<std::string>();
  args.insert(args.end(), words.begin(), words.end());
  return run(s, c, names, args);
}

result<lease_outcome> remove_strays(connection& c, const partition_keys& keys,
                                    const std::string& owner, const std::string& stream,
                                    std::span<const stream_id> ids, stream_id floor) {
  static const script s(strays_source);
  const std::string_view names[] = {keys.lease, stream};
  std::vector<std::string> texts = {owner, floor.text()};
  for (const auto id : ids)
    texts.push_back(id.text());
  return run(s, c, names, std::vector<std::string_view>(texts.begin(), texts.end()));
}

result<lease_outcome> add_missing(connection& c, const partition_keys& keys,
                                  const std::string& owner, const std::string& hash,
                                  std::span<const field_value> fields) {
  static const script s(add_source);
  const std::string_view names[] = {keys.lease, hash};
  std::vector<std::string_view> args = {owner};
  for (const auto& [field, value] : fields) {
    args.push_back(field);
    args.push_back(value);
  }
  return run(s, c, names, args);
}

result<lease_outcome> note_held(connection& c, const partition_keys& keys,
                                const std::string& owner) {
  static const script s(held_source);
  const std::string_view names[] = {keys.lease, keys.progress, keys.open, keys.cooldowns,
                                    keys.hosts};
  const std::string_view args[] = {owner};
  return run(s, c, names, args);
}

result<std::optional<hash_sizes>> sizes_after(connection& c, const partition_keys& keys,
                                              const progress_mark& mark) {
  const auto r = c.call({"HGET", keys.progress, "held"});
  if (!r)
    return r.failure();
  const auto of = mark.tick + ' ' + mark.part + ' ';
  hash_sizes sizes;
  if (!r->text.starts_with(of))
    return std::optional<hash_sizes>();
  const char* at = r->text.data() + of.size();
  const char* const end = r->text.data() + r->text.size();
  for (auto* n : {&sizes.open, &sizes.cooldowns, &sizes.hosts}) {
    const auto read = std::from_chars(at, end, *n);
    if (read.ec != std::errc{})
      return std::optional<hash_sizes>();
    at = read.ptr == end ? end : read.ptr + 1;
  }
  return std::optional(sizes);
}

result<hash_sizes> sizes_now(connection& c, const partition_keys& keys) {
  for (const auto* key : {&keys.open, &keys.cooldowns, &keys.hosts})
    c.append({"HLEN", *key});
  const auto replies = c.flush();
  if (!replies)
    return replies.failure();
  for (const auto& r : *replies)
    if (r.is_error())
      return reply_error(c, "HLEN", r);
  const auto number = [&](std::size_t i) {
    return static_cast<std::uint64_t>((*replies)[i].number);
  };
  return hash_sizes{number(0), number(1), number(2)};
}

} // namespace tocsin::redis
