#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/stream_id.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// An entry of the log is at most this long; the writer refuses what is longer, a reader who finds
/// a longer one (anybody may XADD) skips and counts it.
inline constexpr std::size_t log_entry_bytes_max = std::size_t{1} << 20;

/// What one entry carries: its single field ("s", "z", "c" or "hb") and that field's bytes.
struct log_payload {
  std::string form;
  std::string bytes;
};

/// An entry read back. `form` is empty where the entry does not have exactly one field.
struct log_entry {
  stream_id id;
  std::string form;
  std::string bytes;
};

/// Why Redis did not take an entry: its error's first word ("OOM", "READONLY", "MISCONF",
/// "LOADING"…; "TOOLARGE" is ours) and the whole of it.
struct append_refusal {
  std::string code;
  std::string message;
};

using append_result = result<stream_id, append_refusal>;

/// Appends entries in order, pipelined, with ids given by Redis, and says of each whether it is in
/// the log. Failure: the connection was lost; any of them may be in the log, none is acknowledged.
result<std::vector<append_result>> append_to_log(connection& c, const std::string& key,
                                                 std::span<const log_payload> payloads);

/// How many entries the next read asks for, so that replies stay small without many round trips.
///
/// 1. 32 to 256 entries. 32 of the largest are 32 MiB; it doubles while full replies stay below
///    1 MiB, and falls back to 32 as soon as one is above 4 MiB. Worst case, one reply when
///    entries grow from nothing to 1 MiB at once: 256 MiB.
class read_pace {
public:
  static constexpr std::uint32_t count_min = 32;
  static constexpr std::uint32_t count_max = 256;

  std::uint32_t count() const noexcept { return count_; }
  void note(std::size_t entries, std::size_t bytes) noexcept;

private:
  std::uint32_t count_ = count_min;
};

/// What one read of the log gave.
struct log_batch {
  std::int64_t server_time_ms = 0; ///< Redis's TIME, taken before the entries were read
  std::vector<log_entry> entries;  ///< in order of their ids
  bool at_end = false;             ///< nothing lay behind them when they were read
};

/// Reads on after `after`, as much as `pace` allows, without waiting.
result<log_batch> read_log(connection& c, const std::string& key, stream_id after, read_pace& pace);

/// Reads the log up to an entry, in batches as large as read_log() gives them. The next batch is
/// asked for before one is given, so that Redis finds it while that is worked on: nothing else may
/// use the connection between the first call of next() and the last.
class log_range {
public:
  log_range(connection& c, std::string key, stream_id after, stream_id until)
      : connection_(c), key_(std::move(key)), after_(after), until_(until) {}
  /// Waits for an answer that nobody took, so that the connection is free again.
  ~log_range();
  log_range(const log_range&) = delete;
  log_range& operator=(const log_range&) = delete;

  /// The next entries, all behind the last ones; none: there are no more.
  result<std::vector<log_entry>> next();

private:
  status ask();

  connection& connection_;
  const std::string key_;
  stream_id after_;
  const stream_id until_;
  read_pace pace_;
  bool asked_ = false; // an answer is to come
  bool ended_ = false;
};

enum class log_wait : std::uint8_t {
  entry,   ///< an entry stands behind `after`
  silence, ///< none came
  stalled, ///< Redis did not answer in time (its clock stepped, or it is stuck): open a new one
};

/// Waits up to `timeout_ms` until an entry stands behind `after`. Only a wake-up: reads nothing.
/// Returns at most `stall_slack_ms` late by this machine's monotonic clock. `when_silent`, where
/// given, is called in time, while Redis may still be waiting (see wait_nudge).
result<log_wait> wait_for_log(connection& c, const std::string& key, stream_id after,
                              std::int64_t timeout_ms,
                              const std::function<void()>& when_silent = {});
inline constexpr std::int64_t stall_slack_ms = 1'000;

/// The ends of a stream as they are now.
struct stream_facts {
  std::uint64_t length = 0;
  std::optional<stream_id> first; ///< of the entries there are
  std::optional<stream_id> last;
  stream_id last_generated; ///< also of entries that are gone again
  std::uint64_t nodes = 0;  ///< blocks it consists of in Redis's memory
  /// How many it ever had; none: a Redis before version 7 does not know.
  std::optional<std::uint64_t> added;
};

/// Facts of the stream at `key`; all zero where there is none.
result<stream_facts> read_stream_facts(connection& c, const std::string& key);

/// Whether the entry with this id still exists.
result<bool> entry_exists(connection& c, const std::string& key, stream_id id);

} // namespace tocsin::redis
