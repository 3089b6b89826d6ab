#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin::redis {

/// Who holds a lease: written `worker:nonce:epoch`. The nonce (no colon in it) tells two runs of
/// one worker apart, the epoch grows with every take-over.
struct lease_owner {
  std::string worker;
  std::string nonce;
  std::uint64_t epoch = 0;

  std::string text() const;
  static std::optional<lease_owner> parse(std::string_view text);
};

/// A lease as it was read.
struct lease_state {
  std::string owner; ///< empty: never taken
  std::string beat;

  /// A released lease keeps its epoch under no name.
  bool held() const noexcept { return !owner.empty() && owner.front() != ':'; }
  std::uint64_t epoch() const;

  friend bool operator==(const lease_state&, const lease_state&) = default;
};

enum class lease_outcome : std::uint8_t {
  held,    ///< it is (still) ours
  refused, ///< it is another's, or changed since it was observed
};

result<lease_state> read_lease(connection& c, const partition_keys& keys);

/// Takes the lease if it is still exactly as `observed`; ours already counts as taken. `owner` has
/// observed.epoch() + 1.
result<lease_outcome> acquire_lease(connection& c, const partition_keys& keys,
                                    const std::string& owner, const lease_state& observed);
/// Increases the beat if the lease is ours.
result<lease_outcome> beat_lease(connection& c, const partition_keys& keys,
                                 const std::string& owner);
/// Gives the lease back if it is ours, so that the next one need not wait.
result<lease_outcome> release_lease(connection& c, const partition_keys& keys,
                                    const std::string& owner);

/// A contender's judgement of another's lease, by the contender's own monotonic clock, which is an
/// argument. Takes no lease itself.
///
/// 1. Look at least every half of `takeover_ms`. Stale once owner and beat have not moved for
///    `takeover_ms` of watching.
/// 2. The time between two looks counts for at most half of that: a contender that was frozen, or
///    away from Redis together with the owner, looks once more before it takes.
class lease_watch {
public:
  enum class verdict : std::uint8_t { free, alive, stale };

  explicit lease_watch(std::int64_t takeover_ms) noexcept : takeover_ms_(takeover_ms) {}
  verdict look(const lease_state& seen, std::int64_t now_ms);

private:
  std::int64_t takeover_ms_;
  std::optional<lease_state> last_;
  std::int64_t last_look_ms_ = 0;
  std::int64_t unmoved_ms_ = 0;
};

/// An owner's judgement of its own lease: it may evaluate only while its last beat that succeeded
/// was *sent* less than half of `takeover_ms` ago.
class lease_hold {
public:
  lease_hold(std::int64_t takeover_ms, std::int64_t acquired_ms) noexcept
      : takeover_ms_(takeover_ms), beat_ms_(acquired_ms) {}
  /// A beat or a commit sent at `sent_ms` succeeded.
  void beat(std::int64_t sent_ms) noexcept { beat_ms_ = sent_ms > beat_ms_ ? sent_ms : beat_ms_; }
  bool may_evaluate(std::int64_t now_ms) const noexcept {
    return now_ms - beat_ms_ < takeover_ms_ / 2;
  }
  /// Beat once this has passed: a quarter of `takeover_ms` after the last.
  bool beat_due(std::int64_t now_ms) const noexcept {
    return now_ms - beat_ms_ >= takeover_ms_ / 4;
  }

private:
  std::int64_t takeover_ms_;
  std::int64_t beat_ms_;
};

} // namespace tocsin::redis
