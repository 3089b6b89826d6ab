#pragma once

#include "actors/engine_context.hpp"
#include "streams/redis/connection.hpp"

#include <optional>
#include <string>

namespace tocsin {

/// A connection to the engine's Redis that is opened when it is needed and again after an error,
/// with a pause that grows from 50 ms to 2 s. Owned by one detached actor. Each failure is counted.
/// Logged are an outage, by whoever finds out first, and that it is over; on a sound connection the
/// first of a row of failures, and that it works again; all else for debugging.
class redis_door {
public:
  redis_door(engine_context& ctx, std::string name) : ctx_(ctx), name_(std::move(name)) {}

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

  engine_context& ctx_;
  std::string name_;
  std::optional<redis::connection> connection_;
  std::int64_t next_try_ms_ = 0;
  std::int64_t pause_ms_ = 0;
  std::uint64_t opened_ = 0;
  std::int64_t worked_ms_ = 0; // the last time known, or when it was tried
  bool complaining_ = false;   // of what Redis says
};

} // namespace tocsin
