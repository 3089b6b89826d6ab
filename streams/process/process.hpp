#pragma once

#include "config/result.hpp"
#include "streams/process/owned_fd.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// Where a program lies: as it is where its name has a slash, else on PATH.
std::optional<std::string> find_program(const std::string& name);

/// What a program is started with.
struct spawn_request {
  std::string path;                     ///< of the program
  std::vector<std::string> words;       ///< what it is called as, then its arguments
  std::vector<std::string> environment; ///< NAME=value; all of it
  std::string folder;                   ///< it works there; empty: where we do
  std::vector<int> descriptors; ///< its descriptors from 0 on; no other of ours is open there
  bool own_session = false;     ///< else it leads a process group of its own
  bool private_files = false;   ///< what it makes is for its user alone (umask 077)
  /// What the kernel sends it when the thread that starts it ends (with the process, at the
  /// latest); 0: nothing, it lives on.
  int signal_at_our_end = 0;
};
/// This process's environment, as a spawn_request takes it.
std::vector<std::string> whole_environment();

/// A process that is watched and ended by a descriptor, never by a number that may have become
/// another's. The destructor leaves it running.
class process {
public:
  /// Starts a program without copying this process, however large it is.
  static result<process> spawn(const spawn_request&);
  /// Watches a process that is not our child, if it works in `folder`.
  static result<process> adopt(std::int64_t pid, const std::string& folder);

  std::int64_t pid() const noexcept { return pid_; }
  /// Becomes readable when it has ended.
  int descriptor() const noexcept { return fd_.get(); }
  bool alive() { return !wait_end(std::chrono::steady_clock::time_point()); }
  /// Waits for its end; false if it lives on at `until`.
  bool wait_end(std::chrono::steady_clock::time_point until);
  /// How a child of ours ended, once it has: "exit code 1", "signal 9 (Killed)".
  std::string end() const;
  void signal(int number) noexcept;
  /// The same to all processes of the group that it leads.
  void signal_group(int number) noexcept;

private:
  process(std::int64_t pid, owned_fd fd, bool child) noexcept
      : pid_(pid), fd_(std::move(fd)), child_(child) {}

  std::int64_t pid_;
  owned_fd fd_;
  bool child_;
  bool ended_ = false;
  int wait_status_ = 0;
};

} // namespace tocsin
