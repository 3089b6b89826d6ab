#include "actors/local_collector.hpp"

#include "actors/collector_door.hpp"
#include "actors/http/client.hpp"
#include "actors/machine/agent.hpp"
#include "actors/machine/local_metrics.hpp"

#include <condition_variable>
#include <mutex>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

struct local_collector::parts {
  std::atomic<bool> stopping{false};
  std::unique_ptr<agent_clock> clock;
  collector_door door;
  machine_meter meter;
  std::unique_ptr<agent> reports;
  std::thread thread;

  parts(engine_context& ctx, caf::actor collector) : door(ctx, std::move(collector)) {}
};

local_collector::local_collector(engine_context& ctx, caf::actor collector, std::string host)
    : parts_(std::make_unique<parts>(ctx, std::move(collector))) {
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
