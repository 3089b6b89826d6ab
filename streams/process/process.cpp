#include "streams/process/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tocsin {

namespace {

// glibc 2.36 has wrappers for these, older ones do not.
int open_pid(std::int64_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0U));
}

} // namespace

result<process> process::adopt(std::int64_t pid, const std::string& folder) {
  owned_fd fd(open_pid(pid));
  if (fd.get() < 0)
    return error{fmt::format("cannot watch process {}: {}", pid, std::strerror(errno))};
  std::error_code failed;
  const auto cwd = fmt::format("/proc/{}/cwd", pid);
  if (!std::filesystem::equivalent(cwd, folder, failed) || failed)
    return error{fmt::format("process {} does not work in {}", pid, folder)};
  return process(pid, std::move(fd), false);
}

bool process::wait_end(std::chrono::steady_clock::time_point until) {
  using namespace std::chrono;
  while (!ended_) {
    const auto left = ceil<milliseconds>(until - steady_clock::now()).count();
    pollfd ready{fd_.get(), POLLIN, 0};
    const int n = ::poll(&ready, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (n == 0 && left <= 60'000)
      return false;
    if (n <= 0)
      continue; // interrupted, or a long wait
    if (child_)
      ::waitpid(static_cast<pid_t>(pid_), &wait_status_, WNOHANG);
    ended_ = true;
  }
  return true;
}

std::string process::end() const {
  if (WIFSIGNALED(wait_status_))
    return fmt::format("signal {} ({})", WTERMSIG(wait_status_),
                       ::strsignal(WTERMSIG(wait_status_)));
  return fmt::format("exit code {}", WEXITSTATUS(wait_status_));
}

void process::signal(int number) noexcept {
  if (!ended_)
    ::syscall(SYS_pidfd_send_signal, fd_.get(), number, nullptr, 0U);
}

// While its leader was not waited for, the group's number cannot be another's.
void process::signal_group(int number) noexcept {
  if (!ended_)
    ::kill(static_cast<pid_t>(-pid_), number);
}

} // namespace tocsin
