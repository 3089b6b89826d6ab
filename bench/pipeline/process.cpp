#include "bench/pipeline/process.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace tocsin::bench {

namespace {

std::vector<std::string> clean_environment() {
  auto out = whole_environment();
  std::erase_if(out, [](std::string_view variable) {
    bool ours = false;
    for (const auto* start : {"TOCSIN_", "BP_CONFIG_", "REDIS_", "CLUSTER_", "STATE_DIRECTORY="})
      ours = ours || variable.starts_with(start);
    return ours;
  });
  return out;
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
  const owned_fd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const owned_fd err(open(o.error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::array<int, 2> ends = {-1, -1};
  if (err.get() < 0 || (o.read_output && pipe2(ends.data(), O_CLOEXEC) != 0))
    return error{fmt::format("{}: {}", o.error_file, std::strerror(errno))};
  owned_fd ours(ends[0]);
  const owned_fd theirs(ends[1]);
  if (o.read_output)
    fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  spawn_request r;
  r.path = "/proc/self/exe";
  r.words = o.words;
  r.words.insert(r.words.begin(), "tocsin");
  r.environment = clean_environment();
  r.descriptors = {nothing.get(), o.read_output ? theirs.get() : err.get(), err.get()};
  r.signal_at_our_end = SIGTERM;
  auto started = process::spawn(r);
  if (!started)
    return started.failure();
  return child_process(std::move(*started), std::move(ours));
}

child_process::child_process(child_process&& other) noexcept
    : process_(std::exchange(other.process_, std::nullopt)), out_(std::move(other.out_)) {}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(out_, other.out_);
  return *this;
}

child_process::~child_process() {
  stop(3'000);
}

bool child_process::alive() {
  return process_ && process_->alive();
}

std::string child_process::output() {
  std::string text;
  std::array<char, 4'096> part;
  ssize_t n = 0;
  while (out_.get() >= 0 && (n = read(out_.get(), part.data(), part.size())) > 0)
    text.append(part.data(), static_cast<std::size_t>(n));
  return text;
}

void child_process::tell(int number) {
  sigval value{};
  value.sival_int = number;
  if (alive())
    sigqueue(static_cast<pid_t>(pid()), SIGUSR1, value);
}

void child_process::stop(std::int64_t timeout_ms) {
  if (!alive())
    return;
  process_->signal(SIGTERM);
  process_->wait_end(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms));
  end_at_once();
}

void child_process::end_at_once() {
  if (!alive())
    return;
  process_->signal(SIGKILL);
  process_->wait_end(std::chrono::steady_clock::time_point::max());
}

// The process's own clock counts nanoseconds; /proc has steps of 10 ms.
double cpu_seconds(std::int64_t pid, bool with_children) {
  const auto stat = read_stat(std::to_string(pid));
  clockid_t clock = 0;
  timespec used{};
  if (!stat || clock_getcpuclockid(static_cast<pid_t>(pid), &clock) != 0 ||
      clock_gettime(clock, &used) != 0)
    return 0;
  const auto own = static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  if (!with_children)
    return own;
  const auto ticks = (*stat)[13] + (*stat)[14] + ticks_of_children(pid);
  return own + static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
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
