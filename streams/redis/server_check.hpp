#pragma once

#include "streams/redis/connection.hpp"

#include <cstdint>
#include <string>

namespace tocsin::redis {

/// What a Redis says about itself.
struct server_facts {
  std::string version;            ///< "7.0.15"
  std::string role;               ///< "master" or "slave"
  std::string run_id;             ///< changes with every start of the server
  std::string master_replid;      ///< changes with a start and with a failover
  std::uint64_t used_memory = 0;  ///< bytes
  std::uint64_t maxmemory = 0;    ///< bytes, 0: no limit
  std::string maxmemory_policy;   ///< "noeviction"
  std::int64_t process_id = 0;    ///< in the server's own pid namespace
  bool loading = false;           ///< still reading its data from disk
  double loading_percent = 0;     ///< while loading
  std::int64_t loading_eta_s = 0; ///< while loading
  std::string aof_enabled;        ///< "1" or "0"
};

/// Reads INFO, and the eviction policy from CONFIG GET where INFO does not have it.
result<server_facts> read_server_facts(connection& c);

/// Whether Tocsin can live on this Redis: version 6.2 or later, maxmemory-policy noeviction, a
/// master. The error says where, what was found and what to do.
status check_server(connection& c);
/// The same on facts already read; `where` as connection::where.
status check_server(const server_facts& facts, const std::string& where);

} // namespace tocsin::redis
