#include "bench/pipeline/load.hpp"

#include "actors/http/client.hpp"
#include "bench/pipeline/process.hpp"
#include "streams/redis/sample_log.hpp"
#include "streams/sample/entry.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

namespace tocsin::bench {

namespace {

constexpr double busy_share = 0.7; // of an interval is used for sending

// The storm's first tick, counted from the load's first; -1: none yet. Set by a signal.
std::atomic<int> storm_after{-1};

/// Takes a batch somewhere and waits until it is acknowledged.
class door {
public:
  virtual ~door() = default;
  /// An error says why not; `later` whether it may be tried again.
  struct refusal {
    std::string why;
    bool later;
  };
  virtual std::optional<refusal> send(const std::string& lines) = 0;
};

class http_door : public door {
public:
  explicit http_door(std::string url) : url_(std::move(url)) {}

  std::optional<refusal> send(const std::string& lines) override {
    const auto answer = client_.request("POST", url_, {}, lines, 30'000);
    if (!answer)
      return refusal{answer.failure().message, true};
    if (answer->status == 202)
      return std::nullopt;
    return refusal{fmt::format("{} {}", answer->status, answer->body.substr(0, 200)),
                   answer->status == 503};
  }

private:
  std::string url_;
  http::client client_;
};

class log_door : public door {
public:
  log_door(std::string socket, std::string key) : key_(std::move(key)) {
    address_.via = redis_address::transport::unix_socket;
    address_.path = std::move(socket);
  }

  std::optional<refusal> send(const std::string& lines) override {
    if (!redis_ || redis_->broken()) {
      auto opened = redis::connection::open(address_, "tocsin-bench-load");
      if (!opened)
        return refusal{opened.failure().message, true};
      redis_.emplace(std::move(*opened));
    }
    auto packed = packer_.write(lines);
    const redis::log_payload entry{std::string(packed.form), std::move(packed.bytes)};
    const auto ids = redis::append_to_log(*redis_, key_, std::span(&entry, 1));
    if (!ids)
      return refusal{ids.failure().message, true};
    if (!ids->front())
      return refusal{ids->front().failure().message, false};
    return std::nullopt;
  }

private:
  redis_address address_;
  std::string key_;
  std::optional<redis::connection> redis_;
  entry_writer packer_;
};

class load {
public:
  explicit load(const load_options& o) : o_(o), batches_((o.hosts + o.batch - 1) / o.batch) {}

  void run() {
    std::vector<std::thread> senders;
    // Two ticks' batches may be in flight where one is answered late.
    const auto n = std::min<std::uint64_t>(o_.senders, 2 * batches_);
    for (std::uint64_t i = 0; i < n; ++i)
      senders.emplace_back([this] { send_all(); });
    for (auto& t : senders)
      t.join();
  }

  std::string first_refusal() const { return first_refusal_; }

private:
  void send_all() {
    std::unique_ptr<door> to;
    if (o_.socket.empty())
      to = std::make_unique<http_door>(o_.url);
    else
      to = std::make_unique<log_door>(o_.socket, o_.log_key);
    std::string lines;
    for (;;) {
      const auto job = next_++;
      const auto tick = o_.first_tick + static_cast<std::int64_t>(job / batches_);
      if (tick > o_.last_tick)
        return;
      send_batch(*to, tick, job % batches_, lines);
    }
  }

  void send_batch(door& to, std::int64_t tick, std::uint64_t batch, std::string& lines) {
    const auto first = batch * o_.batch;
    const auto last = std::min(first + o_.batch, o_.hosts);
    const auto due =
        static_cast<double>(tick * o_.interval_ms) + batch_due_ms(batch, batches_, o_.interval_ms);
    lines.clear();
    auto shape = o_.shape;
    shape.storm_tick = storm_after < 0 ? INT64_MAX : o_.first_tick + storm_after;
    append_samples(shape, first, last, tick, static_cast<std::int64_t>(due), lines);
    wait_until(due);
    const auto sent = now_ms();
    const bool taken = deliver(to, lines, due + static_cast<double>(o_.interval_ms));
    note(tick, last - first, taken, sent - due, now_ms() - sent);
  }

  bool deliver(door& to, const std::string& lines, double give_up) {
    for (;;) {
      const auto refused = to.send(lines);
      if (!refused)
        return true;
      {
        const std::lock_guard lock(mutex_);
        if (first_refusal_.empty())
          first_refusal_ = refused->why;
      }
      if (!refused->later || now_ms() >= give_up)
        return false;
      wait_until(now_ms() + 200);
    }
  }

  static void wait_until(double due) {
    if (const auto left = due - now_ms(); left > 0)
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(left));
  }

  void note(std::int64_t tick, std::uint64_t samples, bool taken, double behind, double took) {
    const std::lock_guard lock(mutex_);
    auto& [batches, report] = open_[tick];
    report.tick = tick;
    (taken ? report.samples : report.lost) += samples;
    report.behind_ms = std::max(report.behind_ms, behind);
    report.answered_ms = std::max(report.answered_ms, took);
    if (++batches < batches_)
      return;
    fmt::print("{}", write_report(report));
    std::fflush(stdout);
    open_.erase(tick);
  }

  const load_options& o_;
  const std::uint64_t batches_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_; // guards what follows
  std::map<std::int64_t, std::pair<std::uint64_t, load_report>> open_;
  std::string first_refusal_;
};

} // namespace

double batch_due_ms(std::uint64_t batch, std::uint64_t batches, std::int64_t interval_ms) {
  return busy_share * static_cast<double>(interval_ms) * static_cast<double>(batch) /
         static_cast<double>(batches);
}

result<child_process> start_load_process(const load_options& o, const std::string& folder,
                                         bool read_reports) {
  std::vector<std::string> words = {"bench", "pipeline-load"};
  for (auto& w : o.words())
    words.push_back(std::move(w));
  return child_process::start({std::move(words), folder + "/load.log", read_reports});
}

std::vector<std::string> load_options::words() const {
  return {url.empty() ? "-" : url,
          socket.empty() ? "-" : socket,
          log_key,
          std::to_string(hosts),
          std::to_string(batch),
          std::to_string(interval_ms),
          std::to_string(first_tick),
          std::to_string(last_tick),
          std::to_string(senders),
          fmt::format("{}", shape.flip_share),
          std::to_string(shape.storm ? 1 : 0),
          std::to_string(shape.storm_tick)};
}

result<load_options> read_load_options(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& w : words)
    line += w + ' ';
  std::istringstream in(line);
  load_options o;
  in >> o.url >> o.socket >> o.log_key >> o.hosts >> o.batch >> o.interval_ms >> o.first_tick >>
      o.last_tick >> o.senders >> o.shape.flip_share >> o.shape.storm >> o.shape.storm_tick;
  if (!in || o.hosts == 0 || o.batch == 0 || o.interval_ms <= 0)
    return error{"these are not the words of a load process"};
  o.url = o.url == "-" ? "" : o.url;
  o.socket = o.socket == "-" ? "" : o.socket;
  return o;
}

std::string write_report(const load_report& r) {
  return fmt::format("{} {} {} {:.3f} {:.3f}\n", r.tick, r.samples, r.lost, r.behind_ms,
                     r.answered_ms);
}

bool read_report(const std::string& line, load_report& into) {
  std::istringstream in(line);
  return static_cast<bool>(in >> into.tick >> into.samples >> into.lost >> into.behind_ms >>
                           into.answered_ms);
}

status run_load(const load_options& o) {
  struct sigaction told {};
  told.sa_flags = SA_SIGINFO | SA_RESTART;
  told.sa_sigaction = [](int, siginfo_t* info, void*) { storm_after = info->si_value.sival_int; };
  sigaction(SIGUSR1, &told, nullptr);
  load all(o);
  all.run();
  if (!all.first_refusal().empty())
    return error{all.first_refusal()};
  return done{};
}

} // namespace tocsin::bench
