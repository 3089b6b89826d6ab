#include "actors/local_collector.hpp"

#include "actors/collector.hpp"
#include "actors/http/client.hpp"
#include "actors/machine/agent.hpp"
#include "actors/machine/local_metrics.hpp"
#include "streams/sample/ingest.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

namespace {

// The collector as a server that samples are delivered to.
class collector_door : public sample_door {
public:
  explicit collector_door(caf::actor collector) : collector_(std::move(collector)) {}

  server_answer post(std::size_t, std::string_view ndjson, std::int64_t timeout_ms) override {
    const auto wait = std::make_shared<waiting>();
    {
      const std::lock_guard lock(mutex_);
      current_ = wait;
    }
    auto request = std::make_shared<intake_request>();
    request->samples = reader_.read(std::string(ndjson), unix_ms()).rows;
    request->answer = [wait](const intake_answer& a) { wait->end(a); };
    caf::anon_send(collector_, take_atom::value, intake_ptr(std::move(request)));
    std::unique_lock lock(wait->mutex);
    wait->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                           [&] { return wait->ended; });
    if (!wait->answer)
      return {0, "the log did not take it in time"};
    if (wait->answer->what == intake_answer::outcome::stored)
      return {202, ""};
    return {503, wait->answer->why};
  }
  void hurry() override {
    const std::lock_guard lock(mutex_);
    if (current_)
      current_->end(std::nullopt);
  }

private:
  struct waiting {
    std::mutex mutex;
    std::condition_variable changed;
    bool ended = false;
    std::optional<intake_answer> answer;

    void end(std::optional<intake_answer> what) {
      const std::lock_guard lock(mutex);
      if (!std::exchange(ended, true))
        answer = std::move(what);
      changed.notify_all();
    }
  };

  caf::actor collector_;
  body_reader reader_; // of the one thread that posts
  std::mutex mutex_;
  std::shared_ptr<waiting> current_; // of the last post
};

} // namespace

struct local_collector::parts {
  std::atomic<bool> stopping{false};
  std::unique_ptr<agent_clock> clock;
  collector_door door;
  machine_meter meter;
  std::unique_ptr<agent> reports;
  std::thread thread;

  explicit parts(caf::actor collector) : door(std::move(collector)) {}
};

local_collector::local_collector(engine_context& ctx, caf::actor collector, std::string host)
    : parts_(std::make_unique<parts>(std::move(collector))) {
  auto& p = *parts_;
  p.clock = make_system_clock([&p] { return p.stopping.load(); });
  static_cast<void>(read_machine(p.meter)); // so that the first sample has cpu.usage
  agent_options options;
  options.servers = {"this engine"};
  options.host = host;
  options.interval_ms = ctx.config.interval_ms;
  options.leave = false;
  options.leave_timeout_ms = 100;
  p.reports = std::make_unique<agent>(
      options, *p.clock,
      [&p, host](std::int64_t ts_ms) { return sample_json(host, ts_ms, read_machine(p.meter)); },
      p.door);
  p.thread = std::thread([&p] { p.reports->run(); });
}

local_collector::~local_collector() {
  parts_->stopping = true;
  parts_->thread.join();
}

struct intake_watch::parts {
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  http::client client;
  std::thread thread;
};

intake_watch::intake_watch(engine_context& ctx, std::string url)
    : parts_(std::make_unique<parts>()) {
  auto& p = *parts_;
  p.client.trust_anyone(); // its certificate is for the name by which others know it
  p.thread = std::thread([&p, &ctx, url = std::move(url)] {
    const auto pause =
        std::chrono::milliseconds(std::max<std::int64_t>(ctx.config.interval_ms, 1'000) / 4);
    for (;;) {
      const auto answer = p.client.request("GET", url, {}, "", 1'000);
      const bool answers = answer && answer->status == 200;
      if (ctx.intake_answers.exchange(answers) && !answers)
        spdlog::warn("this engine's own HTTP server does not answer: no heartbeats are written");
      std::unique_lock lock(p.mutex);
      if (p.wake.wait_for(lock, pause, [&] { return p.stopping; }))
        return;
    }
  });
}

intake_watch::~intake_watch() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->stopping = true;
  }
  parts_->client.cancel();
  parts_->wake.notify_all();
  parts_->thread.join();
}

} // namespace tocsin
