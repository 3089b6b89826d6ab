#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/stream_event.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace tocsin {

/// What became of an attempt to hand on events.
struct delivery {
  enum class outcome : std::uint8_t {
    done,   ///< all were taken
    later,  ///< nobody was there to take them (away, overloaded): the same again, without a limit
    failed, ///< the first event not taken is at fault, or may be: a few more tries, then given up
  };
  outcome what = outcome::done;
  /// How many events, from the first, were taken and are not to be delivered again. With `done`
  /// all of them.
  std::size_t taken = 0;
  std::string why = {}; ///< for the log and the dead letter; empty with `done`
  /// With `later`: the other side asked to be left alone for so long. Honoured up to 15 min.
  std::int64_t wait_ms = 0;
  /// How many of those taken were not sent, for their labels are not those the sink is told about.
  std::size_t unmatched = 0;
};

/// Something that is told about incidents: hooks, a webhook, an Alertmanager. Each reads the
/// incident stream as a consumer group of its own (actors/dispatcher), in order, at least once.
///
/// 1. All functions but `cancel` are called from one thread, which is the sink's own: it may block.
/// 2. `deliver` ends within a time that is bounded by the sink's settings, and soon after `cancel`.
/// 3. It keeps nothing that must not be lost: what it took is acknowledged right after.
/// 4. It lives as long as this worker owns the partition without a break; after a cancel it is
///    never used again. The next one may begin while this one still ends.
class sink {
public:
  virtual ~sink() = default;

  /// Stable and unique: "hooks", "webhook:NAME", "alertmanager:URL". Names the consumer group, the
  /// metrics' label and the log lines.
  virtual const std::string& name() const = 0;
  /// Whether there is anything to tell. Until there is, no group is made for it, so that it begins
  /// with the events from then on; it is asked again every second.
  virtual bool wanted() { return true; }
  /// At most so many events are handed over at once; at least 1.
  virtual std::size_t batch_max() const = 0;
  /// Hands on events, oldest first.
  virtual delivery deliver(std::span<const redis::stream_event> events) = 0;
  /// What else is due at this monotonic time, after a connection to Redis was had: sending again
  /// what is open, say. Returns when to be called again at the latest (monotonic ms).
  virtual std::int64_t idle(redis::connection&, std::int64_t now_ms) {
    static_cast<void>(now_ms);
    return INT64_MAX;
  }
  /// Ends a delivery in progress and every later one. From any thread.
  virtual void cancel() = 0;
};

} // namespace tocsin
