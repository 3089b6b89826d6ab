#include "streams/redis/lease.hpp"

#include "streams/redis/script.hpp"
#include "streams/redis/stream_id.hpp"

#include <algorithm>

namespace tocsin::redis {

namespace {

// In each the HDEL does nothing: it is a first write that a full Redis takes (see
// commit_script.hpp).
constexpr std::string_view acquire_source = R"lua(
local owner = redis.call('HGET', KEYS[1], 'owner') or ''
local beat = redis.call('HGET', KEYS[1], 'beat') or ''
if owner ~= ARGV[1] and (owner ~= ARGV[2] or beat ~= ARGV[3]) then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], 'owner', ARGV[1])
redis.call('HINCRBY', KEYS[1], 'beat', 1)
return 'HELD'
)lua";

constexpr std::string_view beat_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
redis.call('HINCRBY', KEYS[1], 'beat', 1)
return 'HELD'
)lua";

constexpr std::string_view release_source = R"lua(
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 'REFUSED' end
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], 'owner', ARGV[2])
return 'HELD'
)lua";

result<lease_outcome> run(const script& s, connection& c, const partition_keys& keys,
                          std::span<const std::string_view> args) {
  const std::string_view names[] = {keys.lease};
  auto r = s.run(c, names, args);
  if (!r)
    return r.failure();
  if (r->text != "HELD" && r->text != "REFUSED")
    return shape_error(c, "lease");
  return r->text == "HELD" ? lease_outcome::held : lease_outcome::refused;
}

std::uint64_t epoch_in(std::string_view owner) {
  const auto parsed = lease_owner::parse(owner);
  return parsed ? parsed->epoch : 0;
}

} // namespace

std::string lease_owner::text() const {
  return worker + ':' + nonce + ':' + std::to_string(epoch);
}

std::optional<lease_owner> lease_owner::parse(std::string_view text) {
  const auto last = text.rfind(':');
  if (last == std::string_view::npos || last == 0)
    return std::nullopt;
  const auto middle = text.rfind(':', last - 1);
  const auto epoch = parse_unsigned(text.substr(last + 1));
  if (middle == std::string_view::npos || !epoch)
    return std::nullopt;
  return lease_owner{std::string(text.substr(0, middle)),
                     std::string(text.substr(middle + 1, last - middle - 1)), *epoch};
}

std::uint64_t lease_state::epoch() const {
  return epoch_in(owner);
}

result<lease_state> read_lease(connection& c, const partition_keys& keys) {
  auto r = c.call({"HMGET", keys.lease, "owner", "beat"});
  if (!r)
    return r.failure();
  if (r->elements.size() != 2)
    return shape_error(c, "HMGET " + keys.lease);
  return lease_state{std::move(r->elements[0].text), std::move(r->elements[1].text)};
}

result<lease_outcome> acquire_lease(connection& c, const partition_keys& keys,
                                    const std::string& owner, const lease_state& observed) {
  static const script acquire(acquire_source);
  const std::string_view args[] = {owner, observed.owner, observed.beat};
  return run(acquire, c, keys, args);
}

result<lease_outcome> beat_lease(connection& c, const partition_keys& keys,
                                 const std::string& owner) {
  static const script beat(beat_source);
  const std::string_view args[] = {owner};
  return run(beat, c, keys, args);
}

result<lease_outcome> release_lease(connection& c, const partition_keys& keys,
                                    const std::string& owner) {
  static const script release(release_source);
  const auto nobody = lease_owner{"", "", epoch_in(owner)}.text();
  const std::string_view args[] = {owner, nobody};
  return run(release, c, keys, args);
}

lease_watch::verdict lease_watch::look(const lease_state& seen, std::int64_t now_ms) {
  const bool moved = !last_ || *last_ != seen;
  if (moved) {
    last_ = seen;
    unmoved_ms_ = 0;
  } else {
    unmoved_ms_ += std::min(now_ms - last_look_ms_, takeover_ms_ / 2);
  }
  last_look_ms_ = now_ms;
  if (!seen.held())
    return verdict::free;
  return unmoved_ms_ >= takeover_ms_ ? verdict::stale : verdict::alive;
}

} // namespace tocsin::redis
