#pragma once

#include "streams/partition/entry_applier.hpp"
#include "streams/partition/seal_record.hpp"
#include "streams/redis/partition_state.hpp"
#include "streams/redis/sample_log.hpp"

#include <functional>
#include <span>
#include <vector>

namespace tocsin {

/// A row of `ticks` as the engine reads it.
struct recorded_tick {
  tick sealed = 0; ///< in the grid it was sealed in
  std::int64_t end_ms = 0;
  log_position position; ///< the last entry that was applied before its seal
  log_position begin;    ///< the first entry that the partition ever read
  bool blind = false;
  std::int64_t non_blind = 0;
  bool heartbeat_seen = false;
  tick_grid grid;
  std::string rules;
};
result<recorded_tick> read_record(const redis::tick_row&);

/// The record of seals from `from_ms` on, oldest first, up to the end `to_ms`. What is no row of
/// ours is passed over.
result<std::vector<recorded_tick>> load_record(redis::connection&, const redis::partition_keys&,
                                               std::int64_t from_ms, std::int64_t to_ms);

/// The newest row of the record; none where there is none.
result<std::optional<recorded_tick>> last_record(redis::connection&, const redis::partition_keys&);

/// How many rows at the end of a record follow each other without a hole in one grid.
std::size_t contiguous_tail(std::span<const recorded_tick> rows, const tick_grid& grid);

/// Where a walk along the record goes, and what it meets.
struct log_walk {
  log_position after, until; ///< the entries behind the one, up to and with the other
  std::span<const recorded_tick> rows;
  std::function<bool(const redis::log_entry&)> on_entry; ///< false: the walk is given up
  /// Called for each row before the first entry that came after its seal.
  std::function<void(const recorded_tick&)> on_row = [](const auto&) {};
};

/// Walks the log; `applier`, which on_entry applies all entries with, decodes them ahead. Memory:
/// one batch of the log and one more on its way, each aimed below 4 MiB (redis::read_pace).
status walk_log(redis::connection&, const redis::partition_keys&, entry_applier& applier,
                const log_walk&);

} // namespace tocsin
