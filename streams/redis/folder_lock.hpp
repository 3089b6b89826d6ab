#pragma once

#include "config/result.hpp"
#include "streams/process/owned_fd.hpp"

#include <optional>
#include <string>

namespace tocsin::redis {

/// Opens `path`, creating it, and locks it for as long as the descriptor or a copy of it that a
/// child inherited is open. Nothing: another has it. The descriptor closes on exec.
result<std::optional<owned_fd>> lock_file(const std::string& path);

/// Whether the open file is the one that has this path now.
bool is_file_at(const owned_fd& fd, const std::string& path);

/// Creates the state folder (mode 0700) where it is missing and takes it: the result is its lock
/// file `FOLDER/lock`, which holds our pid. Errors name the folder, who has it and what to do.
result<owned_fd> take_folder(const std::string& folder);

} // namespace tocsin::redis
