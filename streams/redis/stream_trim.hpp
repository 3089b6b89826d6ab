#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/stream_id.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tocsin::redis {

/// Memory of the stream at `key`, in bytes. Exact up to 100,000 blocks (of 4 KiB, or of one larger
/// entry); beyond, extrapolated from its oldest 100,000. 0 where there is none.
result<std::uint64_t> stream_bytes(connection& c, const std::string& key);

/// How long a stream of so many bytes need not be measured again: until it could have reached
/// `bound`, growing by 64 MiB a second, but 1 to 5 s.
std::int64_t measure_again_ms(std::uint64_t bytes, std::uint64_t bound);

/// What a trim did.
struct trim_report {
  std::uint64_t removed = 0; ///< entries
  bool more = false;         ///< it stopped at its bound of work: call again
};

/// Removes entries below `min_id`, in whole blocks (a few below it may stay), in steps that keep
/// Redis free in between, at most `trim_entries_max` of them.
result<trim_report> trim_below(connection& c, const std::string& key, stream_id min_id);
inline constexpr std::uint64_t trim_entries_max = 200'000;

/// Removes the oldest entries until the stream takes at most about `budget_bytes`; its newest
/// entry always stays, and so does `keep_from` with all behind it. Bounded as trim_below.
result<trim_report> trim_to_bytes(connection& c, const std::string& key, std::uint64_t budget_bytes,
                                  std::optional<stream_id> keep_from = {});

} // namespace tocsin::redis
