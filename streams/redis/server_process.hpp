#pragma once

#include "config/result.hpp"
#include "streams/redis/folder_lock.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::redis {

/// A process that is watched and ended by a descriptor, never by a number that may have become
/// another's. The destructor leaves it running.
class server_process {
public:
  /// Runs `program` (looked up on PATH) in `folder`, in a session of its own, with its output in
  /// `folder/log_name`, `inherited_fd` as descriptor 3, and no other of ours.
  static result<server_process> spawn(const std::string& program,
                                      const std::vector<std::string>& args,
                                      const std::string& folder, const std::string& log_name,
                                      int inherited_fd);
  /// Watches a process that is not our child, if it works in `folder`.
  static result<server_process> adopt(std::int64_t pid, const std::string& folder);

  std::int64_t pid() const noexcept { return pid_; }
  bool alive();
  /// Waits for its end; false if it lives on at `until`.
  bool wait_end(std::chrono::steady_clock::time_point until);
  void signal(int number) noexcept;

private:
  server_process(std::int64_t pid, owned_fd fd, bool child) noexcept
      : pid_(pid), fd_(std::move(fd)), child_(child) {}

  std::int64_t pid_;
  owned_fd fd_;
  bool child_;
  bool ended_ = false;
};

} // namespace tocsin::redis
