#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/packed_events.hpp"
#include "streams/redis/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::redis {

/// What a commit does to one hash: `remove` and `set` must not name the same field.
struct hash_changes {
  std::vector<field_value> set;
  std::vector<std::string> remove;
};

/// One part of a tick as it goes to Redis, in one script. Bound: `events_max` events; the hashes
/// are limited by the time that Redis may stand still (about 1 µs a change).
struct commit_part {
  static constexpr std::size_t events_max = 1'000;

  std::string owner;                     ///< of the lease, whole: worker:nonce:epoch
  std::optional<progress_mark> expected; ///< none: a new partition; then `row` must be there
  progress_mark next;
  std::optional<tick_row> row; ///< with the first part of a tick
  packed_events events;        ///< ids rising, above every id committed before
  hash_changes open;
  hash_changes cooldowns;
  hash_changes hosts; ///< with the last part of a tick
};

/// A row as XADD takes it: its id, then its fields and values.
std::vector<std::string> row_words(const tick_row&);

enum class commit_outcome : std::uint8_t {
  committed, ///< done, now
  duplicate, ///< progress stood at `next` already: done before, nothing written
  lost,      ///< progress is not what was expected: nothing written, recover
  fenced,    ///< the lease is another's: nothing written, stop
};

/// Runs the commit script. In order: lease and beat, types of all keys, progress, row, events,
/// open, cooldowns, hosts, progress last.
///
/// 1. Every step is idempotent: the same part sent again, after an error or a lost connection,
///    finishes a half-done run; each event stands in the stream exactly once.
/// 2. With no progress there may be no row and no event either, save those of this very part: else
///    `lost`, never "new".
/// 3. A row or an event below the top of its stream that is not there cannot be added any more
///    (somebody else writes to the stream): a failure that begins with FOREIGN, nothing written.
/// 4. Where open incidents were committed and their hash is gone, somebody emptied it: `lost`.
/// 5. A Redis that is full (OOM) takes it.
result<commit_outcome> commit(connection& c, const partition_keys& keys, const commit_part& part);

/// The same in two steps, so that a part can be on its way while Redis works on the one before it.
/// load_commit() once on every connection; then an answer for each part sent, in order. A part
/// behind one that failed is LOST or DUPLICATE, for it finds another progress than it expects.
status load_commit(connection& c);
status send_commit(connection& c, const partition_keys& keys, const commit_part& part);
result<commit_outcome> receive_commit(connection& c);

} // namespace tocsin::redis
