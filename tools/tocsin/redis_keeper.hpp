#pragma once

#include "actors/engine_context.hpp"
#include "config/complaint.hpp"
#include "streams/redis/embedded_server.hpp"
#include "streams/redis/restart_pace.hpp"

namespace tocsin {

/// Starts the embedded Redis again when it has ended or its folder is gone, ever less often when it
/// ends at once, and not while its disk is full: it could not keep what it would take. Says why it
/// ended once, and once that it runs again. One thread.
class redis_keeper {
public:
  redis_keeper(redis::embedded_server& server, engine_context& ctx) : server_(server), ctx_(ctx) {}

  /// To be called twice a second or so. Blocks while it starts the server.
  void look();

private:
  void start_again();

  redis::embedded_server& server_;
  engine_context& ctx_;
  redis::restart_pace pace_;
  complaint ended_;
};

} // namespace tocsin
