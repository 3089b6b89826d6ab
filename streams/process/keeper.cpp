#include "streams/process/keeper.hpp"

#include "streams/process/process.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tocsin {

namespace {

constexpr long look_ns = 5'000'000, look_ns_max = 640'000'000;

// "PID (NAME) STATE PARENT …", where a name may hold anything.
pid_t parent_of(const std::filesystem::path& process) {
  std::ifstream in(process / "stat");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const auto at = text.rfind(") ");
  pid_t parent = 0;
  if (at != std::string::npos && at + 4 < text.size())
    std::from_chars(text.data() + at + 4, text.data() + text.size(), parent);
  return parent;
}

// Kills our children, which cannot have become others before we have waited for them. Whether one
// was there that may be killed.
bool kill_children() {
  bool any = false;
  std::error_code failed;
  for (std::filesystem::directory_iterator i("/proc", failed), end; !failed && i != end;
       i.increment(failed)) {
    const auto name = i->path().filename().string();
    pid_t pid = 0;
    std::from_chars(name.data(), name.data() + name.size(), pid);
    if (pid > 0 && parent_of(i->path()) == ::getpid())
      any = ::kill(pid, SIGKILL) == 0 || any;
  }
  return any;
}

class keeper {
public:
  explicit keeper(pid_t program) : program_(program) {}

  // Takes the ends of children that have ended; false: there are no more children.
  bool reap() {
    for (;;) {
      int status = 0;
      const auto pid = ::waitpid(-1, &status, WNOHANG);
      if (pid == 0)
        return true;
      if (pid < 0 && errno != EINTR)
        return false;
      if (pid == program_) {
        ended_ = true;
        status_ = status;
      }
    }
  }
  bool ended() const { return ended_; }

  // What is killed leaves its children to us, so this goes on until there are none. One that waits
  // for a disk or a server ends when that answers, and is looked at less and less.
  void end_all(const sigset_t& awaited) {
    timespec pause{0, look_ns};
    while (reap() && kill_children())
      if (::sigtimedwait(&awaited, nullptr, &pause) < 0)
        pause.tv_nsec = std::min(pause.tv_nsec * 2, look_ns_max);
  }

  int end_alike() const {
    if (!WIFSIGNALED(status_))
      return WEXITSTATUS(status_);
    const int number = WTERMSIG(status_);
    const rlimit none{0, 0}; // the program has left a core, if there was to be one
    ::setrlimit(RLIMIT_CORE, &none);
    std::signal(number, SIG_DFL);
    sigset_t blocked;
    sigemptyset(&blocked);
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
    std::raise(number);
    return 128 + number;
  }

private:
  pid_t program_;
  bool ended_ = false;
  int status_ = 0;
};

result<process> start(char** words) {
  spawn_request r;
  r.path = words[0];
  for (char** word = words + 1; *word != nullptr; ++word)
    r.words.emplace_back(*word);
  r.environment = whole_environment();
  for (int fd = 0; ::fcntl(fd, F_GETFD) >= 0; ++fd)
    r.descriptors.push_back(fd);
  r.signal_at_our_end = SIGKILL;
  return process::spawn(r);
}

} // namespace

int keep_children(char** words) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP})
    sigaddset(&awaited, number);
  ::sigprocmask(SIG_BLOCK, &awaited, nullptr);
  const auto started = start(words);
  if (!started) {
    fmt::print(stderr, "{}\n", started.failure().message);
    return 127;
  }
  keeper k(static_cast<pid_t>(started->pid()));
  do {
    k.reap();
  } while (!k.ended() && ::sigwaitinfo(&awaited, nullptr) == SIGCHLD);
  k.end_all(awaited);
  return k.end_alike();
}

} // namespace tocsin
