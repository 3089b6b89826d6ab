#include "streams/redis/server_process.hpp"

#include "streams/redis/socket.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <spawn.h>
#include <string_view>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tocsin::redis {

namespace {

// glibc 2.36 has wrappers for these, older ones do not.
int open_pid(std::int64_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0U));
}

result<std::string> find_program(const std::string& program) {
  if (program.find('/') != std::string::npos)
    return ::access(program.c_str(), X_OK) == 0
               ? result<std::string>(program)
               : error{fmt::format("{} cannot be run: {}", program, std::strerror(errno))};
  const char* env = std::getenv("PATH");
  std::string_view path = env == nullptr ? "/usr/local/bin:/usr/bin:/bin" : env;
  for (;;) {
    const auto colon = path.find(':');
    auto candidate = std::string(path.substr(0, colon)) + '/' + program;
    if (::access(candidate.c_str(), X_OK) == 0)
      return candidate;
    if (colon == std::string_view::npos)
      break;
    path.remove_prefix(colon + 1);
  }
  return error{fmt::format("{} is not on PATH: install it (apt-get install redis-server), or name "
                           "a Redis with TOCSIN_REDIS_URL",
                           program)};
}

/// How posix_spawn prepares the child; it copies no memory, as fork of a large engine would.
class spawn_plan {
public:
  spawn_plan(const std::string& folder, const std::string& log_name, int inherited_fd) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addchdir_np(&files_, folder.c_str());
    posix_spawn_file_actions_adddup2(&files_, inherited_fd, 3);
    posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files_, 1, log_name.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawn_file_actions_adddup2(&files_, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&files_, 4);

    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;
  ~spawn_plan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }

  int run(const std::string& program, char* const* argv, pid_t& pid) {
    return ::posix_spawn(&pid, program.c_str(), &files_, &attributes_, argv, environ);
  }

private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

} // namespace

result<server_process> server_process::spawn(const std::string& program,
                                             const std::vector<std::string>& args,
                                             const std::string& folder, const std::string& log_name,
                                             int inherited_fd) {
  auto path = find_program(program);
  if (!path)
    return path.failure();
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const auto& a : args)
    argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  spawn_plan plan(folder, log_name, inherited_fd);
  if (const int failed = plan.run(*path, argv.data(), pid); failed != 0)
    return error{fmt::format("cannot run {} in {}: {}", *path, folder, std::strerror(failed))};
  owned_fd fd(open_pid(pid));
  if (fd.get() < 0) {
    const int failed = errno;
    ::kill(pid, SIGKILL); // our child, not yet waited for: the number is still its own
    ::waitpid(pid, nullptr, 0);
    return error{fmt::format("cannot watch {}: {}", *path, std::strerror(failed))};
  }
  return server_process(pid, std::move(fd), true);
}

result<server_process> server_process::adopt(std::int64_t pid, const std::string& folder) {
  owned_fd fd(open_pid(pid));
  if (fd.get() < 0)
    return error{fmt::format("cannot watch process {}: {}", pid, std::strerror(errno))};
  std::error_code failed;
  const auto cwd = fmt::format("/proc/{}/cwd", pid);
  if (!std::filesystem::equivalent(cwd, folder, failed) || failed)
    return error{fmt::format("process {} does not work in {}", pid, folder)};
  return server_process(pid, std::move(fd), false);
}

bool server_process::wait_end(std::chrono::steady_clock::time_point until) {
  if (ended_)
    return true;
  auto ready = wait_for_socket(fd_.get(), true, false, until);
  if (!ready || !*ready)
    return false;
  if (child_)
    ::waitpid(static_cast<pid_t>(pid_), nullptr, WNOHANG);
  ended_ = true;
  return true;
}

bool server_process::alive() {
  return !wait_end(std::chrono::steady_clock::time_point());
}

void server_process::signal(int number) noexcept {
  if (!ended_)
    ::syscall(SYS_pidfd_send_signal, fd_.get(), number, nullptr, 0U);
}

} // namespace tocsin::redis
