#include "bench/pipeline/process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace tocsin::bench {

namespace {

std::vector<std::string> clean_environment() {
  std::vector<std::string> out;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view text(*e);
    bool ours = false;
    for (const auto* start : {"TOCSIN_", "BP_CONFIG_", "REDIS_", "CLUSTER_", "STATE_DIRECTORY="})
      ours = ours || text.starts_with(start);
    if (!ours)
      out.emplace_back(text);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& t : texts)
    out.push_back(t.data());
  out.push_back(nullptr);
  return out;
}

// In the child, between fork and exec: nothing but system calls.
[[noreturn]] void become(char* const* words, char* const* environment, int out, int err,
                         pid_t parent) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent)
    _exit(127);
  dup2(open("/dev/null", O_RDONLY), 0);
  dup2(out, 1);
  dup2(err, 2);
  execve("/proc/self/exe", words, environment);
  _exit(127);
}

// The numbers of /proc/PID/stat behind the name: ppid is 1, utime 11, stime 12, cutime 13,
// cstime 14.
std::optional<std::array<long, 15>> read_stat(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text;
  if (!std::getline(in, text))
    return std::nullopt;
  std::istringstream rest(text.substr(text.rfind(')') + 2));
  std::array<long, 15> out{};
  std::string state;
  rest >> state;
  for (std::size_t i = 1; i < out.size(); ++i)
    rest >> out[i];
  return rest ? std::optional(out) : std::nullopt;
}

long ticks_of_children(std::int64_t parent) {
  long ticks = 0;
  DIR* proc = opendir("/proc");
  if (proc == nullptr)
    return 0;
  while (const auto* entry = readdir(proc)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
      continue;
    const auto stat = read_stat(entry->d_name);
    if (stat && (*stat)[1] == parent)
      ticks += (*stat)[11] + (*stat)[12];
  }
  closedir(proc);
  return ticks;
}

} // namespace

result<child_process> child_process::start(const options& o) {
  auto words = o.words;
  words.insert(words.begin(), "tocsin");
  auto environment = clean_environment();
  const auto argv = pointers(words);
  const auto envp = pointers(environment);
  const int err = open(o.error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::array<int, 2> ends = {-1, -1};
  if (err < 0 || (o.read_output && pipe2(ends.data(), O_CLOEXEC) != 0))
    return error{fmt::format("{}: {}", o.error_file, std::strerror(errno))};
  const int out = o.read_output ? ends[1] : err;
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0)
    become(argv.data(), envp.data(), out, err, parent);
  const int failed = errno;
  close(err);
  if (o.read_output) {
    close(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
  }
  if (pid < 0) {
    if (o.read_output)
      close(ends[0]);
    return error{fmt::format("no process can be started: {}", std::strerror(failed))};
  }
  return child_process(pid, ends[0]);
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), out_(std::exchange(other.out_, -1)) {}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(out_, other.out_);
  return *this;
}

child_process::~child_process() {
  stop(3'000);
  if (out_ >= 0)
    close(out_);
}

bool child_process::alive() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_)
    pid_ = -1;
  return pid_ > 0;
}

std::string child_process::output() {
  std::string text;
  std::array<char, 4'096> part;
  ssize_t n = 0;
  while (out_ >= 0 && (n = read(out_, part.data(), part.size())) > 0)
    text.append(part.data(), static_cast<std::size_t>(n));
  return text;
}

void child_process::tell(int number) {
  sigval value{};
  value.sival_int = number;
  if (pid_ > 0)
    sigqueue(pid_, SIGUSR1, value);
}

void child_process::stop(std::int64_t timeout_ms) {
  if (!alive())
    return;
  kill(pid_, SIGTERM);
  for (std::int64_t waited = 0; alive() && waited < timeout_ms; waited += 10)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  end_at_once();
}

void child_process::end_at_once() {
  if (!alive())
    return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

double cpu_seconds(std::int64_t pid, bool with_children) {
  const auto stat = read_stat(std::to_string(pid));
  if (!stat)
    return 0;
  auto ticks = (*stat)[11] + (*stat)[12];
  if (with_children)
    ticks += (*stat)[13] + (*stat)[14] + ticks_of_children(pid);
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t peak_rss_bytes(std::int64_t pid) {
  std::ifstream in(fmt::format("/proc/{}/status", pid));
  std::string word;
  std::uint64_t kilobytes = 0;
  while (in >> word)
    if (word == "VmHWM:" && in >> kilobytes)
      return kilobytes * 1'024;
  return 0;
}

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(system_clock::now().time_since_epoch()).count();
}

} // namespace tocsin::bench
