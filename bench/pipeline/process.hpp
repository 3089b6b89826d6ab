#pragma once

#include "streams/process/process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::bench {

/// This very program once more (the file as it was when it was started), with other arguments. It
/// is ended with this object, and by the kernel when the thread that started it ends.
///
/// 1. It has a process group of its own, so that a terminal's Ctrl-C reaches its owner only, who
///    ends it in order.
/// 2. It sees no variable of the environment that would configure a tocsin.
class child_process {
public:
  struct options {
    std::vector<std::string> words; ///< its arguments, from the command on
    std::string error_file;         ///< takes its standard error
    bool read_output = false;       ///< its standard output is read here; else it goes nowhere
  };
  static result<child_process> start(const options&);

  child_process(child_process&&) noexcept;
  child_process& operator=(child_process&&) noexcept;
  ~child_process();

  std::int64_t pid() const { return process_ ? process_->pid() : -1; }
  bool alive();
  /// What it wrote to its standard output since the last call; never waits.
  std::string output();
  /// Sends SIGUSR1 with a number.
  void tell(int number);
  /// SIGTERM, and SIGKILL after that time.
  void stop(std::int64_t timeout_ms);
  /// SIGKILL.
  void end_at_once();

private:
  child_process(process p, owned_fd out) : process_(std::move(p)), out_(std::move(out)) {}
  std::optional<process> process_;
  owned_fd out_;
};

/// CPU time that a process used, in s, from /proc: its own, or with that of its children, ended or
/// not. 0 where there is none.
double cpu_seconds(std::int64_t pid, bool with_children);
/// The most memory that it ever had (VmHWM), in bytes.
std::uint64_t peak_rss_bytes(std::int64_t pid);

/// Unix time in ms, with fractions: the clock that all processes of a measurement share.
double now_ms();

} // namespace tocsin::bench
