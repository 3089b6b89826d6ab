#include "bench/pipeline/stage.hpp"

#include "config/read_settings.hpp"
#include "streams/redis/embedded_server.hpp"
#include "streams/redis/server_check.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <thread>

namespace tocsin::bench {

namespace fs = std::filesystem;

namespace {

constexpr double listening_ms_max = 60'000;
constexpr std::int64_t stop_ms_max = 10'000;

// Room in the log for all that a run writes: trimming it early would leave windows without ticks.
std::uint64_t log_bytes(const pipeline_options& o) {
  const auto ticks = static_cast<std::uint64_t>(o.history_ticks() + o.warm + o.ticks + 64);
  return std::max<std::uint64_t>(std::uint64_t{1} << 30, ticks * o.hosts * 128);
}

} // namespace

result<std::unique_ptr<stage>> stage::make(const pipeline_options& o, const rule_set& rules) {
  std::unique_ptr<stage> made(new stage(o));
  std::error_code ec;
  auto name = (fs::temp_directory_path(ec) / "tocsin-bench-XXXXXX").string();
  if (ec || mkdtemp(name.data()) == nullptr)
    return error{"no temporary folder can be made: see TMPDIR"};
  made->folder_ = name;
  if (const auto s = made->write_config(rules); !s)
    return s.failure();
  if (const auto s = made->start_redis(); !s)
    return s.failure();
  return made;
}

stage::~stage() {
  engine_.reset();
  stop_redis();
  std::error_code ignored;
  if (!folder_.empty())
    fs::remove_all(folder_, ignored);
}

status stage::write_config(const rule_set& rules) const {
  std::error_code ec;
  fs::create_directories(folder_ + "/data/global", ec);
  const auto path = folder_ + "/data/global/botpress.config.json";
  std::ofstream out(path);
  out << fmt::format(R"({{"pro":{{"monitoring":{{"enabled":true,"collectionInterval":{0}}},)"
                     R"("alerting":{{"enabled":true,"watcherInterval":{0},"rules":{1}}}}},)"
                     R"("tocsin":{{"grace":{2},"hosts":{3},"logBytes":{4}}}}})",
                     options_.interval_ms, write_rules(rules), options_.grace_ms(),
                     std::max<std::uint64_t>(options_.hosts, 1'000), log_bytes(options_));
  out.close();
  return out ? status(done{}) : error{path + " cannot be written"};
}

status stage::start_redis() {
  redis::embedded_server::options options;
  options.folder = folder_ + "/state";
  auto server = redis::embedded_server::start(std::move(options));
  if (!server)
    return server.failure();
  address_ = server->address();
  redis_pid_ = server->pid();
  return done{}; // the folder is free again for the engine; Redis runs on
}

void stage::stop_redis() {
  // Ours, and ended just now; or the engine's, and gone with it.
  const auto pid = static_cast<pid_t>(redis_pid_);
  if (pid == 0 || waitpid(pid, nullptr, WNOHANG) == pid || kill(pid, 0) != 0)
    return;
  redis::embedded_server::options options;
  options.folder = folder_ + "/state";
  if (auto server = redis::embedded_server::start(std::move(options)))
    static_cast<void>(server->stop());
}

std::string stage::log_text() const {
  std::ifstream in(folder_ + "/engine.log");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

status stage::engine_alive() {
  if (engine_ && engine_->alive())
    return done{};
  const auto text = log_text();
  return error{"the engine ended:\n" +
               text.substr(text.size() - std::min<std::size_t>(text.size(), 2'000))};
}

void stage::stop_engine() {
  engine_->stop(stop_ms_max);
  static_cast<void>(waitpid(static_cast<pid_t>(redis_pid_), nullptr, WNOHANG));
}

void stage::kill_engine(bool redis_too) {
  engine_->end_at_once();
  if (!redis_too)
    return;
  const auto pid = static_cast<pid_t>(redis_pid_);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

bool stage::redis_ready() {
  auto quick = address_;
  quick.connect_timeout_ms = 1'000;
  auto c = redis::connection::open(quick, "tocsin-bench");
  const auto facts = c ? redis::read_server_facts(*c) : result<redis::server_facts>(c.failure());
  if (facts)
    redis_pid_ = facts->process_id;
  return facts && !facts->loading;
}

status stage::start_engine(const std::function<bool()>& go_on) {
  std::error_code ignored;
  fs::rename(folder_ + "/engine.log", folder_ + "/engine.log.1", ignored); // of the one before
  auto started = child_process::start(
      {{"serve", "--data-dir", folder_ + "/data", "--state-dir", folder_ + "/state", "--listen",
        "127.0.0.1:0", "--no-local", "--host", "bench"},
       folder_ + "/engine.log",
       false});
  if (!started)
    return started.failure();
  engine_.emplace(std::move(*started));
  constexpr std::string_view said = "listening on http://127.0.0.1:";
  for (const auto until = now_ms() + listening_ms_max; now_ms() < until;) {
    if (!go_on())
      return error{"stopped"};
    if (const auto s = engine_alive(); !s)
      return s;
    const auto text = log_text();
    const auto at = text.find(said);
    const auto end = at == std::string::npos ? at : text.find(':', at + said.size());
    if (end != std::string::npos) {
      port_ = text.substr(at + said.size(), end - at - said.size());
      return done{};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return error{"the engine did not begin to listen"};
}

std::string stage::url() const {
  return "http://127.0.0.1:" + port_;
}

bool stage::engine_ready() {
  const auto answer = client_.request("GET", url() + "/readyz", {}, "", 5'000);
  return answer && answer->status == 200;
}

std::map<std::string, double> stage::metrics() {
  std::map<std::string, double> out;
  const auto answer = client_.request("GET", url() + "/metrics", {}, "", 30'000);
  std::istringstream in(answer ? answer->body : std::string());
  for (std::string line; std::getline(in, line);) {
    const auto blank = line.rfind(' ');
    if (!line.empty() && line[0] != '#' && blank != std::string::npos)
      out[line.substr(0, blank)] = std::strtod(line.c_str() + blank, nullptr);
  }
  return out;
}

} // namespace tocsin::bench
