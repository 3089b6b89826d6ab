#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/records.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::redis {

/// What stands in `progress`; nothing before the first commit.
result<std::optional<progress_mark>> load_progress(connection& c, const partition_keys& keys);

using field_visitor = std::function<void(std::string field, std::string value)>;

/// Every field of the hash at `key` (`open`, `cooldowns`, `hosts`), in no order, about 2,000 at a
/// time; the next are asked for before these are visited, so `visit` must not use the connection. A
/// field may be visited twice; none is left out while nobody else writes.
status scan_hash(connection& c, const std::string& key, const field_visitor& visit);

/// Some fields of a hash, and where to go on; "0" at the end of it.
struct hash_piece {
  std::vector<field_value> fields;
  std::string cursor;
};
/// About `count` of them from a cursor on, "0" at first. From one "0" to the next every field that
/// was there all the time is met, some twice.
result<hash_piece> scan_piece(connection& c, const std::string& key, const std::string& cursor,
                              std::size_t count);

/// The rows of `ticks` from `from_ms` to `to_ms` (ends of ticks, both included), oldest first,
/// 1,000 at a time. What is no row (anybody may XADD) is passed over.
status scan_ticks(connection& c, const partition_keys& keys, std::int64_t from_ms,
                  std::int64_t to_ms, const std::function<void(tick_row row)>& visit);

/// The row that an entry of `ticks` is; none: somebody else wrote it.
std::optional<tick_row> read_row(stream_entry&&);

/// The newest row; nothing where there is none.
result<std::optional<tick_row>> last_tick(connection& c, const partition_keys& keys);

} // namespace tocsin::redis
