#pragma once

#include "streams/partition/entry_applier.hpp"
#include "streams/partition/host_history.hpp"
#include "streams/partition/odd_samples.hpp"
#include "streams/partition/recovery.hpp"
#include "streams/partition/skew_watch.hpp"
#include "streams/window/log_clock.hpp"

#include <memory>
#include <optional>

namespace tocsin {

/// A batch read from the log, with this machine's monotonic clock before the read and behind it.
struct timed_batch {
  redis::log_batch log;
  std::int64_t monotonic_ms = 0;
  std::int64_t answered_ms = 0; ///< below the one before: as fast as that
};

/// What the aggregator of a live partition decides: when entries are applied, when ticks are
/// sealed, when it must wait. Pure; the actor around it owns it and passes messages.
///
/// 1. A tick is sealed only when the rules have been checked for the one before it, so that nobody
///    reads the windows then; entries of the next tick are applied meanwhile.
/// 2. At most `uncommitted_max` sealed ticks wait for their commit; beyond, sealing waits, and with
///    it everything behind: the log holds what comes in.
class live_aggregator {
public:
  static constexpr std::size_t uncommitted_max = 8;

  /// `decoders`: threads that decode large batches besides the caller's.
  explicit live_aggregator(recovered_partition&& from, unsigned decoders = 0);

  /// Takes the next batch; wants_batch() must hold.
  void offer(std::shared_ptr<const timed_batch>);
  bool wants_batch() const { return !batch_; }

  /// Goes on as far as it may: applies entries, and seals at most one tick, which the caller passes
  /// on. Call again until it gives none.
  std::optional<seal_record> advance();

  /// Rules were checked for the tick sealed last.
  void checked() { checking_ = false; }
  /// Rules are being checked: what is sealed is being read, and incidents change.
  bool checking() const { return checking_; }
  /// A sealed tick was committed.
  void committed() { --uncommitted_; }

  /// How long until the next tick is due, by the log clock at this monotonic time; none before the
  /// first entry. 0: it is overdue.
  std::optional<std::int64_t> due_in_ms(std::int64_t monotonic_ms) const;
  /// How far the log clock is past the time at which the next tick was due.
  std::int64_t lag_ms(std::int64_t monotonic_ms) const;

  /// Rules whose field no host has reported yet.
  std::vector<rule_index> unreported_rules() const;

  partition_engine& engine() { return *engine_; }
  const partition_engine& engine() const { return *engine_; }
  log_position position() const { return position_; }
  const log_clock& clock() const { return log_clock_; }
  const applier_counts& applied() const { return applier_.counts(); }
  const std::string& last_complaint() const { return applier_.last_complaint(); }
  skew_watch& skew() { return skew_; }
  const skew_watch& skew() const { return skew_; }
  const odd_samples& odd() const { return odd_; }
  host_history& past() { return past_; }
  const host_history& past() const { return past_; }

private:
  bool may_seal() const { return !checking_ && uncommitted_ < uncommitted_max; }
  std::optional<seal_record> seal(bool silent);
  void apply(const redis::log_entry&, std::int64_t log_ms);

  std::unique_ptr<partition_engine> engine_;
  log_position position_;
  log_position begin_;
  log_clock log_clock_;
  std::shared_ptr<const timed_batch> batch_; // outlives the applier, whose threads read it
  entry_applier applier_;
  skew_watch skew_;
  odd_samples odd_;
  host_history past_;
  std::uint64_t repeated_ = 0; // of the intake's counts, when it was asked for examples
  std::size_t next_entry_ = 0;
  std::optional<std::int64_t> arrived_ms_; // log time of the entry to be applied next
  bool checking_ = false;
  std::size_t uncommitted_ = 0;
};

} // namespace tocsin
