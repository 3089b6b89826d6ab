#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

#include <string_view>
#include <vector>

namespace tocsin::redis {

/// The commands that an engine and the program's other commands send, by themselves or in a script,
/// as ACLs name them: "xadd", "xgroup|create".
std::vector<std::string_view> needed_commands();

/// Whether this user may do what an engine will have to do, on the engine's own keys. Nothing is
/// done: the commands are queued in a transaction, which is where Redis looks at rights (6.2, too,
/// and for users who may not ask about ACLs), and thrown away. The error names every command that
/// is refused or is not there, and what to do.
status check_rights(connection& c, const partition_keys& keys, const cluster_keys& cluster);

} // namespace tocsin::redis
