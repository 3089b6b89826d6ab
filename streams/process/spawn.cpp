#include "streams/process/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/stat.h>
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
  owned_fd failure; ///< takes the errno of what the child could not do; closed when it could
};

void close_from(int first) {
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0)
    return;
  for (auto fd = static_cast<int>(::sysconf(_SC_OPEN_MAX)) - 1; fd >= first; --fd)
    ::close(fd);
}

// In the child, which has our memory and must leave it as it is: nothing but system calls. All
// signals are blocked, so none of our handlers runs here. Returns where to tell what failed.
int become(const child_plan& p) {
  const int told = p.failure.get();
  for (int number = 1; number < NSIG; ++number)
    std::signal(number, SIG_DFL);
  if (p.asked.own_session ? ::setsid() < 0 : ::setpgid(0, 0) != 0)
    return told;
  if (p.asked.signal_at_our_end != 0 &&
      (::prctl(PR_SET_PDEATHSIG, p.asked.signal_at_our_end) != 0 || ::getppid() != p.parent))
    return told;
  if (p.asked.private_files)
    ::umask(077); // this process's, though the memory is ours
  if (!p.asked.folder.empty() && ::chdir(p.asked.folder.c_str()) != 0)
    return told;
  const auto count = static_cast<int>(p.sources.size());
  for (int i = 0; i < count; ++i)
    if (::dup2(p.sources[static_cast<std::size_t>(i)].get(), i) < 0)
      return told;
  if (::dup3(told, count, O_CLOEXEC) < 0)
    return told;
  close_from(count + 1);
  ::sigprocmask(SIG_SETMASK, &p.no_signals, nullptr);
  ::execve(p.asked.path.c_str(), p.words.data(), p.environment.data());
  return count;
}

// Ours stands still until the child is another program, or has ended.
pid_t run(const child_plan& p) {
  const pid_t pid = ::vfork();
  if (pid != 0)
    return pid;
  errno = 0;
  const int told = become(p);
  const int failed = errno == 0 ? ECHILD : errno;
  static_cast<void>(!::write(told, &failed, sizeof failed));
  ::_exit(127);
}

pid_t run_undisturbed(const child_plan& p) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = run(p);
  const int failed = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = failed;
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
  child_plan plan{asked, pointers(asked.words), pointers(asked.environment), {}, {}, ::getpid(),
                  {}};
  sigemptyset(&plan.no_signals);
  const auto refuse = [&](int why) {
    return error{fmt::format("cannot run {}: {}", asked.path, std::strerror(why))};
  };
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return refuse(errno);
  owned_fd told(ends[0]), telling(ends[1]);
  // Above the numbers that they are to have in the child, so that none takes another's place.
  const auto above = static_cast<int>(asked.descriptors.size()) + 1;
  plan.failure = owned_fd(::fcntl(telling.get(), F_DUPFD_CLOEXEC, above));
  for (const int fd : asked.descriptors)
    plan.sources.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, above));
  for (const auto& fd : plan.sources)
    if (fd.get() < 0 || plan.failure.get() < 0)
      return refuse(errno);
  const pid_t pid = run_undisturbed(plan);
  if (pid < 0)
    return refuse(errno);
  telling.close();
  plan.failure.close();
  if (int failed = 0; ::read(told.get(), &failed, sizeof failed) > 0) {
    ::waitpid(pid, nullptr, 0);
    return refuse(failed);
  }
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
