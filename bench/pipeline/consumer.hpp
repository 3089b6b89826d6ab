#pragma once

#include "config/redis_address.hpp"
#include "config/result.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/stream_id.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tocsin::bench {

/// The name of the rule that every host breaches in a storm.
inline constexpr const char* storm_rule = "storm";

/// What was read of one tick; all times in ms of now_ms().
struct tick_events {
  std::uint64_t events = 0;
  std::vector<std::pair<double, std::uint64_t>> reads; ///< when, and how many came at once
  std::uint64_t storm_opened = 0;                      ///< `opened` of the storm's rule
  double storm_last = 0;
};

/// Reads the incident stream as a member of a group (XREADGROUP … NOACK) and the rows of `ticks`,
/// in two threads of its own, from the beginning on until it goes.
///
/// 1. Events are counted by the tick in their ids; a hole in their sequence numbers is counted.
/// 2. When its connection breaks it opens a new one.
class consumer {
public:
  /// Makes the group; Redis must be there.
  static status make_group(const redis_address&, const redis::partition_keys&);

  consumer(redis_address address, redis::partition_keys keys);
  ~consumer();
  consumer(const consumer&) = delete;
  consumer& operator=(const consumer&) = delete;

  /// What was read of the tick that ends then.
  tick_events events_of(std::int64_t end_ms) const;
  std::uint64_t events() const { return events_; }
  std::uint64_t holes() const { return holes_; }
  /// When the row of the tick that ends then was seen, and whether it is blind; 0 if not yet.
  struct seen_row {
    double at = 0;
    bool blind = false;
  };
  seen_row row_of(std::int64_t end_ms) const;
  /// The end of the newest tick of which there is a row.
  std::int64_t last_row_ms() const { return last_row_ms_; }

private:
  void read_events();
  void read_rows();

  const redis_address address_;
  const redis::partition_keys keys_;
  mutable std::mutex mutex_; // guards the maps
  std::map<std::int64_t, tick_events> ticks_;
  std::map<std::int64_t, seen_row> rows_;
  std::atomic<std::uint64_t> events_{0};
  std::atomic<std::uint64_t> holes_{0};
  std::atomic<std::int64_t> last_row_ms_{0};
  std::atomic<bool> stopping_{false};
  std::thread events_thread_;
  std::thread rows_thread_;
};

} // namespace tocsin::bench
