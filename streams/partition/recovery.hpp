#pragma once

#include "streams/partition/engine.hpp"
#include "streams/partition/tick_record.hpp"
#include "streams/redis/cluster_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// A partition as its last commit left it, ready to go on.
struct recovered_partition {
  std::unique_ptr<partition_engine> engine;
  std::optional<redis::progress_mark> mark; ///< what stands committed; none: a new partition
  log_position position;                    ///< the last entry whose effects are in the engine
  log_position begin;                       ///< the first entry ever read; zero: none yet
  std::int64_t floor_ms = 0;                ///< log time that was reached
  std::string rules_hash;
  std::vector<std::string> rule_sets; ///< those that the record names, as far back as it was read
  std::uint64_t hosts = 0;            ///< restored from the registry
  std::uint64_t ticks = 0;            ///< walked along the record
};

/// What was read of the log, which part of a recovery it was.
struct log_read_counts {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
};

/// Everything that a recovery needs to know and may touch.
struct recovery_task {
  redis::connection& connection;
  const redis::partition_keys& keys;
  const redis::cluster_keys& cluster;
  const settings& config; ///< with the rules to be put in force
  std::string owner;      ///< of the lease
  unsigned decoders = 0;  ///< threads that decode entries of the log besides this one
  /// Called for every host and entry that is read: a long recovery shows that it lives. False: it
  /// is to be given up.
  std::function<bool()> alive = [] { return true; };
  /// Called with what was found damaged, what it costs and what was done: a sentence for the
  /// operator each, the same perhaps twice.
  std::function<void(const std::string&)> note = [](const std::string&) {};
  /// Called when the registry is read, and the log begins to be.
  std::function<void()> state_read = [] {};
  /// Called when the log is read.
  std::function<void(const log_read_counts&)> log_read = [](const auto&) {};
};

/// Reads back what the last owner left: registry, incidents, cooldowns, and the log along the
/// record of seals, from as far back as any window reaches. A tick that was committed in part is
/// finished first, under the rules it was begun with. Ends in exactly the state that the live
/// engine had at its last committed seal, but for what the log no longer holds: those ticks are
/// blind.
///
/// What others did to the keys is mended first, as far as it can be (mend.hpp).
///
/// A changed interval or grace takes effect here: the next tick is the first that begins at or
/// after the last sealed end.
result<recovered_partition> recover(const recovery_task&);

/// How far back from the last row a recovery reads the record of seals, in ms of ticks: hosts
/// expire by it, windows are read along it.
std::int64_t record_span_ms(const partition_plan&);

/// The hash under which a rule set is kept.
std::string hash_of(const rule_set&);

} // namespace tocsin
