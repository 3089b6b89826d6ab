#pragma once

#include "streams/process/process.hpp"

#include <string>
#include <vector>

namespace tocsin::redis {

/// Runs `program` (looked up on PATH) in `folder`, in a session of its own, with its output in
/// `folder/log_name`, `inherited_fd` as descriptor 3, and no other of ours. It outlives us.
result<process> spawn_server(const std::string& program, const std::vector<std::string>& args,
                             const std::string& folder, const std::string& log_name,
                             int inherited_fd);

} // namespace tocsin::redis
