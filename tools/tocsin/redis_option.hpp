#pragma once

#include "config/read_settings.hpp"
#include "config/redis_address.hpp"
#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

#include <string>

namespace CLI {
class App;
}

namespace tocsin {

/// How commands that read what an engine wrote find its Redis and its keys.
struct redis_option {
  std::string state_dir;
  std::string prefix = "tocsin";
};

/// Adds --state-dir and --prefix.
void add_redis_options(CLI::App& cmd, redis_option&);

/// A connection, and where an engine's keys lie in it.
struct engine_redis {
  redis::connection connection;
  redis::partition_keys keys;
};

/// Connects to the Redis of TOCSIN_REDIS_URL or REDIS_URL, else to the embedded one of the engine
/// that runs in the state folder. The error says what to do.
result<engine_redis> connect(const redis_option&);

} // namespace tocsin
