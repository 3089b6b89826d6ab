#pragma once

#include <string_view>

namespace tocsin::redis {

/// The commit, as Redis runs it. KEYS: lease samples ticks incidents open cooldowns hosts progress.
/// ARGV: the owner; the expected and the next progress and the row (`""`: none); the number of
/// events; the events; the changes of hashes. Every ARGV from the second on that holds more than
/// one value is a MessagePack array: a row is {id, field, value…}, a change {command, number of its
/// key, argument…}; for the events see packed_events.
///
/// Answers COMMITTED, DUPLICATE, LOST or FENCED. Redis does not undo what a script did before an
/// error, so each step may have been done before; see commit.hpp for what that has to withstand.
inline constexpr std::string_view commit_source = R"lua(
local lease, samples, ticks, incidents, open, cooldowns, hosts, progress = unpack(KEYS)
local marks = {'tick', 'part', 'logId', 'rules', 'lastEventId'}

local function unpacked(text)
  return text ~= '' and cmsgpack.unpack(text) or nil
end

local function same(a, b)
  for i = 1, #marks do
    if a[i] ~= b[i] then return false end
  end
  return true
end

local function has_type(key, wanted)
  local is = redis.call('TYPE', key).ok
  return is == 'none' or is == wanted
end

local function exists(...)
  return redis.call('EXISTS', ...) > 0
end

local function first_id(key)
  local first = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
  return first and first[1]
end

local function top_of(key)
  if not exists(key) then return '0-0' end
  local facts = redis.call('XINFO', 'STREAM', key)
  for i = 1, #facts, 2 do
    if facts[i] == 'last-generated-id' then return facts[i + 1] end
  end
end

-- A consumer that came before the engine makes an empty stream (XGROUP CREATE … MKSTREAM).
local function has_entries(key)
  return top_of(key) ~= '0-0'
end

local function is_above(a, b)
  local a_ms, a_seq = string.match(a, '^(%d+)-(%d+)$')
  local b_ms, b_seq = string.match(b, '^(%d+)-(%d+)$')
  if a_ms ~= b_ms then return tonumber(a_ms) > tonumber(b_ms) end
  return tonumber(a_seq) > tonumber(b_seq)
end

-- Whether an entry at or below the top of a stream is there. It can no longer be added: if it is
-- not, another writer took the ids above it.
local function is_there(key, id)
  return #redis.call('XRANGE', key, id, id) > 0
end

-- How much stands in the hashes after a commit, as `held` keeps it: whoever empties one of them is
-- found out.
local function held_after(tick, part)
  return table.concat({tick, part, redis.call('HLEN', open), redis.call('HLEN', cooldowns),
                       redis.call('HLEN', hosts)}, ' ')
end

local function was_emptied(tick, part)
  if exists(open) then return false end
  local held = redis.call('HGET', progress, 'held')
  local of_tick, of_part, count = string.match(held or '', '^(%S+) (%S+) (%d+)')
  return of_tick == tick and of_part == part and count ~= '0'
end

local expected, next_mark, row = unpacked(ARGV[2]), unpacked(ARGV[3]), unpacked(ARGV[4])
local events_left, events = tonumber(ARGV[5]), unpacked(ARGV[6])
local first_event = events[4]

-- The XADD of the next event: the one before it, and what differs.
local xadd, at = nil, 1
local function next_event()
  local size, changes = events[at], events[at + 1]
  if size > 0 then xadd = {'XADD', incidents} end
  local last = at + 1 + 2 * changes
  for i = at + 2, last, 2 do xadd[events[i]] = events[i + 1] end
  at = last + 1
end

-- 1: the lease.
if redis.call('HGET', lease, 'owner') ~= ARGV[1] then return 'FENCED' end
-- A full Redis refuses a script only at its first write, and only a write that may need memory;
-- this one does nothing, and opens the way for the rest.
redis.call('HDEL', lease, '')
redis.call('HINCRBY', lease, 'beat', 1)

-- 2: every key is what it should be.
for _, key in ipairs({samples, ticks, incidents}) do
  if not has_type(key, 'stream') then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is no stream')
  end
end
for _, key in ipairs({open, cooldowns, hosts, progress}) do
  if not has_type(key, 'hash') then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is no hash')
  end
end

-- 3: progress. Without any there may be nothing else, but what a first run of this part left.
local now = redis.call('HMGET', progress, unpack(marks))
if same(now, next_mark) then return 'DUPLICATE' end
if expected then
  if not same(now, expected) or was_emptied(now[1], now[2]) then return 'LOST' end
else
  if exists(progress) then return 'LOST' end
  if not has_entries(ticks) then
    if has_entries(incidents) or exists(open, cooldowns, hosts) then return 'LOST' end
  elseif not row or first_id(ticks) ~= row[1] then
    return 'LOST'
  elseif has_entries(incidents) and not (first_event and first_id(incidents) == first_event) then
    return 'LOST'
  end
end
if row and not is_above(row[1], top_of(ticks)) then
  if not is_there(ticks, row[1]) then
    return redis.error_reply('FOREIGN ' .. ticks .. ' has an entry above ' .. row[1])
  end
  row = nil
end
local top, there = top_of(incidents), nil
while events_left > 0 do
  next_event()
  if is_above(xadd[3], top) then break end
  there = xadd[3]
  events_left = events_left - 1
end
if there and not is_there(incidents, there) then
  return redis.error_reply('FOREIGN ' .. incidents .. ' has an entry above ' .. there)
end

-- 4 and 5: the row and the events, with their own ids.
if row then redis.call('XADD', ticks, unpack(row)) end
while events_left > 0 do
  redis.call(unpack(xadd))
  events_left = events_left - 1
  if events_left > 0 then next_event() end
end

-- 6: the hashes, in pieces that Lua's stack can hold.
for i = 7, #ARGV do
  local change = cmsgpack.unpack(ARGV[i])
  redis.call(change[1], KEYS[tonumber(change[2])], unpack(change, 3))
end

-- 7: progress, last.
local set = {}
for i = 1, #marks do set[2 * i - 1], set[2 * i] = marks[i], next_mark[i] end
set[#set + 1], set[#set + 2] = 'held', held_after(next_mark[1], next_mark[2])
redis.call('HSET', progress, unpack(set))
return 'COMMITTED'
)lua";

} // namespace tocsin::redis
