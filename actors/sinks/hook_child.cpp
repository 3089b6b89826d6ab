#include "actors/sinks/hook_child.hpp"

#include "streams/process/keeper.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tocsin {

namespace {

constexpr int read_rounds_max = 64; // of 16 KiB each, from one pipe before the next has its turn

/// Two ends; what is written to one is read from the other.
struct channel {
  owned_fd ours, theirs;
};

result<channel> make_pipe_from_child() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return error{fmt::format("no pipe can be made: {}", std::strerror(errno))};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK); // ours alone: the other end has flags of its own
  return channel{owned_fd(ends[0]), owned_fd(ends[1])};
}

// A socket, for a write to a pipe whose reader died would raise a signal.
result<channel> make_socket() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return error{fmt::format("no socket can be made: {}", std::strerror(errno))};
  return channel{owned_fd(ends[0]), owned_fd(ends[1])};
}

// What is there now. At its end the pipe is closed, so that nobody waits for it.
void read_lines(owned_fd& fd, line_reader& lines, const line_reader::taker& to) {
  std::array<char, 16'384> piece;
  for (int i = 0; i < read_rounds_max && fd.get() >= 0; ++i) {
    const auto n = ::read(fd.get(), piece.data(), piece.size());
    if (n == 0) {
      fd.close();
      lines.finish(to);
    }
    if (n <= 0)
      return;
    lines.take({piece.data(), static_cast<std::size_t>(n)}, to);
  }
}

} // namespace

result<std::unique_ptr<hook_child>> hook_child::start(const std::string& node,
                                                      std::vector<std::string> words,
                                                      std::vector<std::string> environment,
                                                      const std::string& folder, listener l) {
  auto orders = make_socket();
  auto reports = make_pipe_from_child();
  auto out = make_pipe_from_child();
  auto err = make_pipe_from_child();
  const owned_fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!orders || !reports || !out || !err || nothing.get() < 0)
    return error{fmt::format("no pipe to node can be made: {}", std::strerror(errno))};
  spawn_request r;
  r.path = "/proc/self/exe"; // this program, also when its file was replaced
  r.words = {"tocsin", std::string(keeper_word), node};
  r.words.insert(r.words.end(), std::make_move_iterator(words.begin()),
                 std::make_move_iterator(words.end()));
  r.environment = std::move(environment);
  r.folder = folder;
  r.descriptors = {nothing.get(), out->theirs.get(), err->theirs.get(), orders->theirs.get(),
                   reports->theirs.get()};
  r.signal_at_our_end = SIGTERM;
  auto spawned = process::spawn(r);
  if (!spawned)
    return spawned.failure();
  std::unique_ptr<hook_child> child(new hook_child(std::move(*spawned), std::move(l)));
  child->orders_ = std::move(orders->ours);
  child->reports_ = std::move(reports->ours);
  child->out_ = std::move(out->ours);
  child->err_ = std::move(err->ours);
  return child;
}

void hook_child::send(std::string order) {
  unsent_ = std::move(order);
  unsent_ += '\n';
  write_rest();
}

void hook_child::write_rest() {
  const auto n = ::send(orders_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n > 0)
    unsent_.erase(0, static_cast<std::size_t>(n));
  else if (errno != EAGAIN && errno != EINTR)
    unsent_.clear(); // it has ended, as will be seen
}

// Read in this order, what a hook printed stands before its end.
void hook_child::read_all() {
  const auto print = [&](hook_level level) {
    return [this, level](std::string_view line, bool cut) {
      if (!line.empty())
        to_.printed(level, cut ? std::string(line) + " … (cut)" : std::string(line));
    };
  };
  // A report may come while output is read; what was printed before it is in its pipe by then.
  std::vector<std::string> reports;
  read_lines(reports_, report_lines_,
             [&](std::string_view line, bool) { reports.emplace_back(line); });
  read_lines(out_, out_lines_, print(hook_level::info));
  read_lines(err_, err_lines_, print(hook_level::warn));
  for (const auto& line : reports)
    if (auto report = read_hook_report(line))
      to_.reported(std::move(*report));
}

bool hook_child::look(int wake_fd, int timeout_ms) {
  std::array<pollfd, 6> ready = {{{wake_fd, POLLIN, 0},
                                  {process_.descriptor(), POLLIN, 0},
                                  {reports_.get(), POLLIN, 0},
                                  {out_.get(), POLLIN, 0},
                                  {err_.get(), POLLIN, 0},
                                  {unsent_.empty() ? -1 : orders_.get(), POLLOUT, 0}}};
  ::poll(ready.data(), ready.size(), timeout_ms);
  if (!unsent_.empty())
    write_rest();
  const bool lives = process_.alive();
  read_all();
  return lives;
}

void hook_child::kill() {
  if (!process_.alive())
    return;
  process_.signal(SIGTERM); // what cannot be ended that fast it goes on to end
  process_.wait_end(std::chrono::steady_clock::now() + std::chrono::seconds(1));
  read_all();
}

std::uint64_t hook_child::memory_bytes() const {
  if (node_pid_ == 0)
    return 0;
  std::ifstream in(fmt::format("/proc/{}/statm", node_pid_));
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace tocsin
