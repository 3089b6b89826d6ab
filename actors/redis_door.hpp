#pragma once

#include "actors/engine_context.hpp"
#include "config/complaint.hpp"
#include "streams/redis/connection.hpp"

#include <optional>
#include <string>

namespace tocsin {

/// A connection to the engine's Redis that is opened when it is needed and again after an error,
/// with a pause that grows from 50 ms to 2 s. Owned by one detached actor. Each failure is counted.
/// Logged are an outage, by whoever finds out first, and that it is over; that Redis lets nobody
/// in, with its reason, once for all; on a sound connection each cause in a row of failures, and
/// that it works again; all else for debugging.
class redis_door {
public:
  /// `serves`: what stands still while Redis refuses; may be null.
  redis_door(engine_context& ctx, std::string name, stage* serves = nullptr)
      : ctx_(ctx), name_(std::move(name)), serves_(serves) {}
  ~redis_door();
  redis_door(const redis_door&) = delete;
  redis_door& operator=(const redis_door&) = delete;

  /// The connection, opened if need be; null while Redis is away or a pause runs.
  redis::connection* get(std::int64_t now_ms);

  /// A call failed: what it was, for the log. Closes a broken connection.
  void failed(const error& why, std::int64_t now_ms);

  /// A call succeeded: of the kind that had failed, if one had on a sound connection (Redis was
  /// full, say). To be told as often as it is so: this is how an outage is known to be over.
  void works();

  /// How long to wait before get() is worth a try.
  std::int64_t pause_ms(std::int64_t now_ms) const;
  /// Grows with every connection that was opened.
  std::uint64_t opened() const { return opened_; }

private:
  void note_answer();
  void admitted();
  bool is_news(const error& why, bool sound, std::int64_t now_ms);
  std::string explained(const error& why);

  engine_context& ctx_;
  std::string name_;
  stage* serves_;
  std::optional<redis::connection> connection_;
  std::int64_t next_try_ms_ = 0;
  std::int64_t pause_ms_ = 0;
  std::uint64_t opened_ = 0;
  std::int64_t worked_ms_ = 0; // the last time known, or when it was tried
  bool refused_ = false;       // no connection could be made: Redis said why
  bool refused_now_ = false;   // so it was the last time
  complaint complaint_;        // of what Redis says over a sound connection
};

} // namespace tocsin
