#include "streams/process/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tocsin {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& t : texts)
    out.push_back(const_cast<char*>(t.c_str()));
  out.push_back(nullptr);
  return out;
}

/// All that the child needs, made before it exists.
struct child_plan {
  const spawn_request& asked;
  std::vector<char*> words, environment;
  std::vector<owned_fd> sources; ///< of its descriptors, all above them
  sigset_t no_signals;
  pid_t parent;
  int failed = 0; ///< errno of what the child could not do
};

void close_from(int first) {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0)
    return;
  for (auto fd = static_cast<int>(::sysconf(_SC_OPEN_MAX)) - 1; fd >= first; --fd)
    ::close(fd);
}

// In the child, which has our memory and must leave it as it is: nothing but system calls. All
// signals are blocked, so none of our handlers runs here.
void become(child_plan& p) {
  for (int number = 1; number < NSIG; ++number)
    std::signal(number, SIG_DFL);
  if (p.asked.own_session ? ::setsid() < 0 : ::setpgid(0, 0) != 0)
    return;
  if (p.asked.signal_at_our_end != 0 &&
      (::prctl(PR_SET_PDEATHSIG, p.asked.signal_at_our_end) != 0 || ::getppid() != p.parent))
    return;
  if (!p.asked.folder.empty() && ::chdir(p.asked.folder.c_str()) != 0)
    return;
  for (std::size_t i = 0; i < p.sources.size(); ++i)
    if (::dup2(p.sources[i].get(), static_cast<int>(i)) < 0)
      return;
  close_from(static_cast<int>(p.sources.size()));
  ::sigprocmask(SIG_SETMASK, &p.no_signals, nullptr);
  ::execve(p.asked.path.c_str(), p.words.data(), p.environment.data());
}

// Ours stands still until the child is another program, or has ended.
pid_t run(child_plan& p) {
  const pid_t pid = ::vfork();
  if (pid != 0)
    return pid;
  errno = 0;
  become(p);
  p.failed = errno == 0 ? ECHILD : errno;
  ::_exit(127);
}

pid_t run_undisturbed(child_plan& p) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = run(p);
  if (pid < 0)
    p.failed = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

} // namespace

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos)
    return ::access(name.c_str(), X_OK) == 0 ? std::optional(name) : std::nullopt;
  const char* env = std::getenv("PATH");
  std::string_view path = env == nullptr ? "/usr/local/bin:/usr/bin:/bin" : env;
  for (;;) {
    const auto colon = path.find(':');
    auto candidate = std::string(path.substr(0, colon)) + '/' + name;
    if (::access(candidate.c_str(), X_OK) == 0)
      return candidate;
    if (colon == std::string_view::npos)
      return std::nullopt;
    path.remove_prefix(colon + 1);
  }
}

std::vector<std::string> whole_environment() {
  std::vector<std::string> out;
  for (char** e = environ; *e != nullptr; ++e)
    out.emplace_back(*e);
  return out;
}

result<process> process::spawn(const spawn_request& asked) {
  child_plan plan{asked, pointers(asked.words), pointers(asked.environment), {}, {}, ::getpid()};
  sigemptyset(&plan.no_signals);
  const auto refuse = [&](int why) {
    return error{fmt::format("cannot run {}: {}", asked.path, std::strerror(why))};
  };
  for (const int fd : asked.descriptors) {
    plan.sources.emplace_back(
        ::fcntl(fd, F_DUPFD_CLOEXEC, static_cast<int>(asked.descriptors.size())));
    if (plan.sources.back().get() < 0)
      return refuse(errno);
  }
  const pid_t pid = run_undisturbed(plan);
  if (pid > 0 && plan.failed != 0)
    ::waitpid(pid, nullptr, 0);
  if (plan.failed != 0)
    return refuse(plan.failed);
  owned_fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
  if (fd.get() < 0) {
    const int failed = errno;
    ::kill(pid, SIGKILL); // our child, not yet waited for: the number is still its own
    ::waitpid(pid, nullptr, 0);
    return error{fmt::format("cannot watch {}: {}", asked.path, std::strerror(failed))};
  }
  return process(pid, std::move(fd), true);
}

} // namespace tocsin
