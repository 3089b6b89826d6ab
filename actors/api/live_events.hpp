#pragma once

#include "actors/http/responder.hpp"
#include "actors/metrics/registry.hpp"
#include "streams/redis/stream_id.hpp"

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Where clients that want events as they happen come in, and where the engine says that something
/// happened. Somebody else, the feed, brings both together. Any thread may call anything.
///
/// 1. At most `clients_max` clients at once; one more is answered 503 `too-many-clients`.
/// 2. While there is none, saying something costs the engine a look at a number.
/// 3. At most `messages_max` wait for the feed; the oldest give way.
class live_events {
public:
  static constexpr std::size_t clients_max = 64;
  static constexpr std::size_t messages_max = 64;

  /// A client. It counts as one until nobody holds its slot.
  struct newcomer {
    http::responder owed;
    std::optional<redis::stream_id> after; ///< the event that it had last
    std::shared_ptr<const void> slot;
  };
  /// What is there for the feed to do.
  struct work {
    std::vector<newcomer> newcomers;
    std::deque<std::string> messages; ///< for all clients
    bool news = false;                ///< the incident stream has grown
    bool end = false;                 ///< all streams are to end
  };

  explicit live_events(metric_registry&);

  void subscribe(http::responder owed, std::optional<redis::stream_id> after);
  bool watched() const { return *clients_ > 0; }
  /// Events stand in the incident stream.
  void news();
  /// Something happened that does not stand there. `data`: JSON on one line.
  void say(std::string_view name, std::string_view data);

  /// Ends all streams: who may follow has changed. Those who still may come again by themselves,
  /// and go on where they were.
  void end_streams();

  /// `wake` is called, from anybody's thread, when there is work: once until it is taken.
  void open(std::function<void()> wake);
  /// Nobody feeds any more: who waits is refused.
  void close();
  work take();

  /// Clients that were given up since they took too little.
  counter& dropped() { return dropped_; }

private:
  void add(const std::function<void()>& what);

  const std::shared_ptr<std::atomic<std::size_t>> clients_ =
      std::make_shared<std::atomic<std::size_t>>(0);
  counter& dropped_;
  std::mutex mutex_;
  std::function<void()> wake_; // empty: nobody feeds
  bool woken_ = false;
  work work_;
};

} // namespace tocsin
