#pragma once

#include "actors/metrics/stages.hpp"
#include "actors/sinks/backlog.hpp"
#include "actors/sinks/retry_policy.hpp"
#include "actors/sinks/sink.hpp"
#include "actors/sinks/sink_metrics.hpp"
#include "config/complaint.hpp"
#include "streams/redis/consumer_group.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// What a queue stands on.
struct delivery_wiring {
  redis::partition_keys keys;
  std::string owner; ///< of the lease under which events may be taken
  stream_bounds bounds;
  std::function<std::uint64_t()> stream_bytes; ///< of the incident stream, as last measured
  std::function<std::int64_t()> now_ms;        ///< monotonic
  retry_times times = {};
  bool waits = false; ///< there is no group yet, and none is made until the sink is wanted
  /// Stands still while the sink takes nothing.
  std::shared_ptr<stage> stands = std::make_shared<stage>();
};

/// The way of events from the incident stream to one sink: takes them in order, hands them on,
/// acknowledges, tries again, gives up. Owned by one dispatcher, used from its thread.
///
/// 1. An event leaves the group only when the sink took it, when it was given up (it is a dead
///    letter then), or when it was trimmed from the stream before (lost; counted and logged).
/// 2. What must be told to Redis is kept until Redis has it. After a new connection all of that
///    goes first, and what is pending is read again.
/// 3. It holds at most `held_max` events. Acknowledgements go in groups, with a Redis that syncs
///    before each answer they are not free: when nothing is held, before a pause, and between two
///    deliveries once `settle_ms` have passed. An engine that is killed delivers what it did not
///    acknowledge once more.
class delivery_queue {
public:
  static constexpr std::size_t held_max = 1'000;
  static constexpr std::int64_t settle_ms = 20;
  /// So often it looks for events of which nobody told it.
  static constexpr std::int64_t look_ms = 10'000;

  delivery_queue(delivery_wiring, std::shared_ptr<sink>, const sink_metrics&);
  ~delivery_queue();

  static constexpr std::int64_t wanted_again_ms = 1'000;

  /// Whether there is nothing to do, also not in Redis, before `wanted_again_ms` have passed.
  bool waits();
  /// The next thing to do, over a connection with this number (another number: another
  /// connection). Returns after how many ms to be called again, if there is no news before; fails
  /// when Redis does. Blocks in the sink only.
  result<std::int64_t> step(redis::connection&, std::uint64_t connection_number);
  stage& stands() { return *w_.stands; }
  /// Ends a step soon; after it nothing is handed on any more. From any thread.
  void cancel();

private:
  struct held {
    redis::stream_entry entry;
    std::uint32_t tries = 0;
  };
  struct burial {
    held letter;
    std::string why;
  };

  result<std::int64_t> next_step(redis::connection&, std::uint64_t connection_number);
  status join(redis::connection&);
  status settle(redis::connection&);
  result<std::int64_t> refill(redis::connection&);
  status refill_pending(redis::connection&);
  result<std::int64_t> refill_new(redis::connection&);
  void hold(redis::stream_entry&&, std::uint32_t tries);
  void count_cut_off(redis::stream_id first);
  void hand_on();
  void apply(const delivery&, std::size_t offered);
  void drop_taken(const delivery&, std::size_t);
  void tell(const delivery&, const retry_policy::decision&);
  status watch_backlog(redis::connection&);
  void show(const sink_backlog&);
  bool settle_due() const;
  const std::string& name() const { return sink_->name(); }
  const std::string& dead_letters() const;

  delivery_wiring w_;
  std::shared_ptr<sink> sink_;
  sink_metrics metrics_;
  redis::consumer_group group_;
  retry_policy policy_;
  std::atomic<bool> cancelled_{false};

  std::uint64_t connection_ = 0;
  bool reading_pending_ = true;
  std::optional<redis::stream_id> position_; ///< of the last event taken
  std::vector<redis::stream_event> events_;  ///< taken, oldest first
  std::vector<held> held_;                   ///< the same, as they stand in the stream
  std::vector<redis::stream_id> acks_;       ///< to be told to Redis, like the next two
  std::optional<std::pair<redis::stream_id, std::uint32_t>> tries_;
  std::optional<burial> burial_;
  std::int64_t delivered_at_ms_ = 0; ///< the first of `acks_`
  std::int64_t next_try_ms_ = 0, next_idle_ms_ = 0, next_watch_ms_ = 0;
  bool endangered_ = false;
  complaint complaint_; // of the sink
  complaint given_up_;  // of events that it would not take
};

} // namespace tocsin
