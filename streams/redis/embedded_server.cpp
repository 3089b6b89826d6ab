#include "streams/redis/embedded_server.hpp"

#include "config/byte_size.hpp"
#include "streams/redis/append_file.hpp"
#include "streams/redis/folder_lock.hpp"
#include "streams/redis/server_check.hpp"
#include "streams/redis/server_process.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sys/statvfs.h>
#include <thread>

namespace tocsin::redis {

namespace {

constexpr const char* socket_name = "redis.sock";
constexpr const char* log_name = "redis.log";
constexpr std::int64_t look_again_ms = 20;
constexpr std::int64_t look_ms_max = 700;  // so often it is asked whether to go on waiting
constexpr std::int64_t ask_to_end_ms = 50; // it answers nothing; one that hangs is not waited for
/// A log above this is put aside at a start, as redis.log.1, replacing the one before.
constexpr std::uint64_t disk_room_min = std::uint64_t{256} << 10; // less takes hardly a sample
constexpr std::uintmax_t log_bytes_max = std::uintmax_t{4} << 20;

// Relative names: the folder's path may be longer than a socket's may be.
std::vector<std::string> server_arguments() {
  return {"--port", "0", "--unixsocket", socket_name, "--unixsocketperm", "700", "--dir", ".",
          "--daemonize", "no", "--pidfile", "redis.pid", "--logfile", log_name, "--save", "",
          "--appendonly", "yes", "--appendfsync", "always", "--aof-load-truncated", "yes",
          "--maxmemory-policy", "noeviction",
          // Its timer does nothing here that cannot wait for a second, and turned ten times a
          // second it takes two thirds of what an idle server takes.
          "--hz", "1"};
}

void put_log_aside(const std::string& folder) {
  const auto log = folder + '/' + log_name;
  std::error_code ignored;
  if (const auto size = std::filesystem::file_size(log, ignored); !ignored && size > log_bytes_max)
    std::filesystem::rename(log, log + ".1", ignored);
}

// What an earlier version made for others to read, in a folder that they may look into.
void close_to_others(const std::string& folder) {
  using enum std::filesystem::perms;
  std::error_code ignored;
  for (const auto* name : {"appendonlydir", "appendonly.aof", "redis.pid"})
    std::filesystem::permissions(folder + '/' + name, group_all | others_all,
                                 std::filesystem::perm_options::remove, ignored);
}

/// The last lines of the server's log, for an error: it says there why it ended.
std::string log_tail(const std::string& folder) {
  std::ifstream in(folder + '/' + log_name, std::ios::ate | std::ios::binary);
  if (!in)
    return "(no log)";
  const auto size = static_cast<std::streamoff>(in.tellg());
  in.seekg(std::max<std::streamoff>(0, size - 600));
  std::string tail(std::istreambuf_iterator<char>(in), {});
  while (!tail.empty() && tail.back() == '\n')
    tail.pop_back();
  std::replace(tail.begin(), tail.end(), '\n', '|');
  return tail;
}

/// The newest line that Redis marked as a warning; empty: there is none among the last.
std::string last_warning(const std::string& folder) {
  const auto tail = log_tail(folder);
  const auto mark = tail.rfind(" # ");
  return mark == std::string::npos ? std::string()
                                   : tail.substr(mark + 3, tail.find('|', mark) - mark - 3);
}

} // namespace

struct embedded_server::state {
  options opts;
  std::string folder; ///< absolute
  owned_fd lock;
  redis_address address;
  std::optional<tocsin::process> process;
  bool adopted = false;

  status launch();
  result<bool> start_or_find(deadline until);
  status spawn(const owned_fd& server_lock);
  status adopt(const server_facts& facts, connection& c);
  status await_loaded();
  result<connection> knock(std::int64_t timeout_ms = look_ms_max);
  result<server_facts> ask();
  void ask_to_end();
  status wait_on(const progress& p) const;
  void give_up() {
    if (!process || adopted)
      return;
    process->signal(SIGKILL);
    process->wait_end(deadline_after(5'000));
  }
};

// Tells how it goes, and whether to go on.
status embedded_server::state::wait_on(const progress& p) const {
  if (opts.report)
    opts.report(p);
  if (opts.abandon && opts.abandon())
    return error{
        fmt::format("the redis-server in {} was not waited for: a stop was asked for", folder)};
  return done{};
}

result<connection> embedded_server::state::knock(std::int64_t timeout_ms) {
  auto quick = address;
  quick.connect_timeout_ms = timeout_ms;
  auto c = connection::open(quick);
  if (c)
    c->set_timeout_ms(timeout_ms);
  return c;
}

result<server_facts> embedded_server::state::ask() {
  auto c = knock();
  return c ? read_server_facts(*c) : result<server_facts>(c.failure());
}

// It looks for signals when its timer turns only; a command is heard at once.
void embedded_server::state::ask_to_end() {
  auto c = knock(ask_to_end_ms);
  if (c)
    static_cast<void>(c->exchange({"SHUTDOWN"}));
}

status embedded_server::state::spawn(const owned_fd& server_lock) {
  std::error_code ignored;
  std::filesystem::remove(address.path, ignored); // left by a server that was killed
  put_log_aside(folder);
  close_to_others(folder);
  auto mended = mend_append_file(folder);
  if (!mended)
    return mended.failure();
  if (*mended && opts.mended)
    opts.mended(**mended);
  auto spawned =
      spawn_server(opts.program, server_arguments(), folder, log_name, server_lock.get());
  if (!spawned)
    return spawned.failure();
  process.emplace(std::move(*spawned));
  adopted = false;
  return done{};
}

status embedded_server::state::adopt(const server_facts& facts, connection& c) {
  auto dir = c.call({"CONFIG", "GET", "dir"});
  if (!dir)
    return dir.failure();
  std::error_code failed;
  if (dir->elements.size() != 2 ||
      !std::filesystem::equivalent(dir->elements[1].text, folder, failed) || failed)
    return error{fmt::format("the Redis at {} does not keep its data there", address.path)};
  auto found = process::adopt(facts.process_id, folder);
  if (!found)
    return found.failure();
  process.emplace(std::move(*found));
  adopted = true;
  return done{};
}

// True: a process is there. False: the folder's server lock is held, but nobody answers (yet): a
// server that is just starting, or the dying child of one that was killed.
result<bool> embedded_server::state::start_or_find(deadline until) {
  auto server_lock = lock_file(folder + "/redis.lock");
  if (!server_lock)
    return error{fmt::format("state folder {}: {}", folder, server_lock.failure().message)};
  if (server_lock->has_value()) {
    auto spawned = spawn(**server_lock);
    return spawned ? result<bool>(true) : spawned.failure();
  }
  auto c = knock();
  auto facts = c ? read_server_facts(*c) : result<server_facts>(c.failure());
  if (facts) {
    auto taken = adopt(*facts, *c);
    return taken ? result<bool>(true) : taken.failure();
  }
  if (std::chrono::steady_clock::now() >= until)
    return error{fmt::format("a redis-server lives in {} and does not answer ({}): end it, its pid "
                             "is in redis.pid there",
                             folder, facts.failure().message)};
  return false;
}

status embedded_server::state::launch() {
  process.reset();
  const auto until = deadline_after(opts.answer_timeout_ms);
  for (;;) {
    if (auto on = wait_on({}); !on) // once at least, however fast it is
      return on;
    auto there = start_or_find(until);
    if (!there)
      return there.failure();
    if (*there)
      break;
    std::this_thread::sleep_for(std::chrono::milliseconds(look_again_ms));
  }
  auto loaded = await_loaded();
  if (!loaded)
    give_up();
  return loaded;
}

status embedded_server::state::await_loaded() {
  auto until = deadline_after(opts.answer_timeout_ms);
  for (;;) {
    auto facts = ask();
    if (facts && !facts->loading)
      return done{};
    const auto how =
        facts ? progress{true, facts->loading_percent, facts->loading_eta_s} : progress{};
    if (auto on = wait_on(how); !on)
      return on;
    if (facts)
      until = deadline_after(opts.answer_timeout_ms); // slow, but at work
    if (process->wait_end(deadline_after(look_again_ms)))
      return error{fmt::format("redis-server in {} ended at once: {}", folder, log_tail(folder))};
    if (std::chrono::steady_clock::now() >= until)
      return error{fmt::format("redis-server in {} does not answer: {}", folder,
                               facts ? "still loading" : facts.failure().message)};
  }
}

result<embedded_server> embedded_server::start(options opts) {
  auto s = std::make_unique<state>();
  std::error_code failed;
  s->folder = std::filesystem::absolute(opts.folder, failed).lexically_normal().string();
  while (s->folder.size() > 1 && s->folder.back() == '/')
    s->folder.pop_back();
  s->opts = std::move(opts);
  auto lock = take_folder(s->folder);
  if (!lock)
    return lock.failure();
  s->lock = std::move(*lock);
  s->address.via = redis_address::transport::unix_socket;
  s->address.path = s->folder + '/' + socket_name;
  if (auto launched = s->launch(); !launched)
    return launched.failure();
  return embedded_server(std::move(s));
}

embedded_server::embedded_server(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}
embedded_server::embedded_server(embedded_server&&) noexcept = default;
embedded_server& embedded_server::operator=(embedded_server&&) noexcept = default;
embedded_server::~embedded_server() = default;

bool embedded_server::alive() {
  return state_->process && state_->process->alive();
}

bool embedded_server::in_place() const {
  return is_file_at(state_->lock, state_->folder + "/lock");
}

status embedded_server::restart() {
  if (!in_place()) {
    if (auto ended = stop(); !ended)
      return ended;
    auto lock = take_folder(state_->folder);
    if (!lock)
      return lock.failure();
    state_->lock = std::move(*lock);
  }
  return alive() ? status(done{}) : state_->launch();
}

std::string embedded_server::why_ended() const {
  const auto& s = *state_;
  auto how = s.process && !s.adopted ? s.process->end() : std::string("it is gone");
  const auto said = last_warning(s.folder);
  return said.empty() ? how : fmt::format("{}; its log says: {}", how, said);
}

std::optional<std::string> embedded_server::disk_full() const {
  struct statvfs disk {};
  if (statvfs(state_->folder.c_str(), &disk) != 0)
    return std::nullopt;
  const auto free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free >= disk_room_min)
    return std::nullopt;
  return fmt::format("the disk of {} is full: no space is left on it ({} free)", state_->folder,
                     describe_byte_size(free));
}

status embedded_server::stop(std::int64_t timeout_ms) {
  if (!alive())
    return done{};
  auto& p = *state_->process;
  p.signal(SIGTERM);
  state_->ask_to_end();
  if (!p.wait_end(deadline_after(timeout_ms))) {
    p.signal(SIGKILL);
    if (!p.wait_end(deadline_after(5'000)))
      return error{
          fmt::format("redis-server (pid {}) in {} cannot be ended", p.pid(), state_->folder)};
  }
  std::error_code ignored;
  std::filesystem::remove(state_->address.path, ignored);
  return done{};
}

const redis_address& embedded_server::address() const noexcept {
  return state_->address;
}
std::int64_t embedded_server::pid() const noexcept {
  return state_->process ? state_->process->pid() : 0;
}
bool embedded_server::adopted() const noexcept {
  return state_->adopted;
}

} // namespace tocsin::redis
