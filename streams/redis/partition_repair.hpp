#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/lease.hpp"
#include "streams/redis/records.hpp"

#include <optional>
#include <span>
#include <string>

namespace tocsin::redis {

/// What a recovery writes where others damaged what stands in Redis. Each is done only while the
/// lease is `owner`'s (else `refused`), and may be repeated.

/// Sets progress anew, and adds a row to `ticks` first where one is given (above all that are
/// there).
result<lease_outcome> set_progress(connection& c, const partition_keys& keys,
                                   const std::string& owner, const progress_mark& mark,
                                   const std::optional<tick_row>& row = std::nullopt);

/// Removes entries from a stream of ours, and lets its ids go on behind the last that is left or
/// `floor`, whichever is greater. At most 1,000 ids.
result<lease_outcome> remove_strays(connection& c, const partition_keys& keys,
                                    const std::string& owner, const std::string& stream,
                                    std::span<const stream_id> ids, stream_id floor);

/// Adds fields to a hash of ours, those that it has not. At most 1,000.
result<lease_outcome> add_missing(connection& c, const partition_keys& keys,
                                  const std::string& owner, const std::string& hash,
                                  std::span<const field_value> fields);

/// Notes how much the hashes hold now as what the last commit left in them (see commit_script.hpp).
result<lease_outcome> note_held(connection& c, const partition_keys& keys,
                                const std::string& owner);

/// How much stood in the hashes after the commit of `mark`, and how much does now.
struct hash_sizes {
  std::uint64_t open = 0, cooldowns = 0, hosts = 0;

  friend bool operator==(const hash_sizes&, const hash_sizes&) = default;
};
/// Nothing where the last commit did not say.
result<std::optional<hash_sizes>> sizes_after(connection& c, const partition_keys& keys,
                                              const progress_mark& mark);
result<hash_sizes> sizes_now(connection& c, const partition_keys& keys);

} // namespace tocsin::redis
