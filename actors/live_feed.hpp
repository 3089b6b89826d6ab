#pragma once

#include "actors/api/event_fan.hpp"
#include "actors/messages.hpp"
#include "actors/redis_door.hpp"

namespace tocsin {

struct live_feed_state {
  static inline const char* name = "live-feed";
  std::optional<redis_door> door;
  std::optional<event_fan> fan;
  std::int64_t look_at_ms = 0; ///< when to read, told or not
  std::uint64_t turn = 0;      ///< of the step that is due
};

/// Feeds the clients of `ctx.live`. Detached: it blocks in Redis. Without clients it sleeps. The
/// committer wakes it when events stand in the stream; where another engine commits, it looks by
/// itself each second.
caf::behavior live_feed(caf::stateful_actor<live_feed_state>* self, engine_context* ctx);

} // namespace tocsin
