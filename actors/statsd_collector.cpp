#include "actors/statsd_collector.hpp"

#include "actors/collector_door.hpp"
#include "actors/statsd/statsd_aggregate.hpp"
#include "config/complaint.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

namespace {

constexpr std::size_t unsent_bytes_max = std::size_t{16} << 20;
constexpr std::int64_t wait_ms_max = 100; // a stop is heard within that
constexpr std::int64_t last_timeout_ms = 100;
constexpr std::chrono::milliseconds retry_pause{1'000};
constexpr std::size_t packets_at_once = 1'024;

counter& metrics_counter(metric_registry& r, const char* what) {
  return r.add_counter("tocsin_statsd_metrics_total", "StatsD metrics by what became of them.",
                       {{"result", what}});
}

// Brings a counter up to a total.
void raise_to(counter& c, std::uint64_t total) {
  c.add(total - std::min(total, c.value()));
}

} // namespace

struct statsd_collector::parts {
  engine_context& ctx;
  std::vector<statsd_socket> sockets;
  statsd_aggregate aggregate;
  collector_door door;
  std::int64_t offset_ms;
  counter &taken, &malformed, &unsupported, &refused, &packets, &lost, &dropped;

  std::atomic<bool> stopping{false};
  std::mutex mutex; // over what follows
  std::condition_variable changed;
  std::deque<std::string> waiting; // texts of samples, oldest first
  std::size_t waiting_bytes = 0;
  bool all_heard = false;  // the reader has ended
  bool sends_last = false; // and the sender knows

  complaint not_taken; // the sender's own
  std::thread reader, sender;

  parts(engine_context& c, caf::actor collector, std::vector<statsd_socket> s, std::string host)
      : ctx(c), sockets(std::move(s)), aggregate(host, c.config.statsd.fields),
        door(c, std::move(collector)), offset_ms(report_offset_ms(host, c.config.interval_ms)),
        taken(metrics_counter(c.registry, "taken")),
        malformed(metrics_counter(c.registry, "malformed")),
        unsupported(metrics_counter(c.registry, "unsupported")),
        refused(metrics_counter(c.registry, "refused")),
        packets(c.registry.add_counter("tocsin_statsd_packets_total", "StatsD packets heard.")),
        lost(c.registry.add_counter("tocsin_statsd_packets_lost_total",
                                    "StatsD packets that were too long, or came too fast.")),
        dropped(c.registry.add_counter("tocsin_statsd_samples_dropped_total",
                                       "Samples made of StatsD metrics that waited too long.")) {}

  void read_until_stopped();
  void hear(std::int64_t wait_ms);
  void flush(std::int64_t now_ms);
  void count();
  void push(std::string text);
  void send_until_stopped();
  bool send(std::string text, std::int64_t timeout_ms);
};

void statsd_collector::parts::hear(std::int64_t wait_ms) {
  std::vector<pollfd> polled;
  for (const auto& s : sockets)
    polled.push_back({s.descriptor(), POLLIN, 0});
  if (::poll(polled.data(), polled.size(), static_cast<int>(wait_ms)) <= 0)
    return;
  const auto now = monotonic_ms();
  for (auto& s : sockets)
    packets.add(s.receive(packets_at_once, [&](std::string_view p) { aggregate.take(p, now); }));
}

void statsd_collector::parts::count() {
  const auto& c = aggregate.counts();
  raise_to(taken, c.taken);
  raise_to(malformed, c.malformed);
  raise_to(unsupported, c.unsupported);
  raise_to(refused, c.refused);
  std::uint64_t all = 0;
  for (const auto& s : sockets)
    all += s.lost();
  raise_to(lost, all);
}

void statsd_collector::parts::push(std::string text) {
  const std::lock_guard lock(mutex);
  waiting_bytes += text.size();
  waiting.push_back(std::move(text));
  while (waiting_bytes > unsent_bytes_max) {
    if (dropped.value() == 0)
      spdlog::error("statsd: the log takes no samples, the oldest are dropped");
    const auto& oldest = waiting.front();
    dropped.add(static_cast<std::uint64_t>(std::count(oldest.begin(), oldest.end(), '\n')));
    waiting_bytes -= oldest.size();
    waiting.pop_front();
  }
  changed.notify_all();
}

void statsd_collector::parts::flush(std::int64_t now_ms) {
  for (auto& line : aggregate.take_refused_lines()) // few, so that they leave some of others
    ctx.record.add({now_ms, "StatsD line " + line.text, line.why});
  for (auto& text : aggregate.flush(now_ms, monotonic_ms()))
    push(std::move(text));
}

void statsd_collector::parts::read_until_stopped() {
  const auto interval = ctx.config.interval_ms;
  auto due = next_report_ms(unix_ms(), interval, offset_ms);
  while (!stopping) {
    hear(std::clamp<std::int64_t>(due - unix_ms(), 0, wait_ms_max));
    count();
    const auto now = unix_ms();
    if (now < due && due - now <= interval) // else the wall clock stepped back
      continue;
    flush(now);
    due = next_report_ms(now, interval, offset_ms);
  }
  hear(0);
  count();
  flush(unix_ms());
  const std::lock_guard lock(mutex);
  all_heard = true;
  changed.notify_all();
}

// Whether it need not be sent again.
bool statsd_collector::parts::send(std::string text, std::int64_t timeout_ms) {
  const auto answer = door.post(0, text, timeout_ms);
  if (answer.status == 202) {
    if (not_taken.works(monotonic_ms()))
      spdlog::info("statsd: samples are taken again");
    return true;
  }
  if (answer.status == 400 || answer.status == 413) {
    if (not_taken.fails(answer.text, monotonic_ms()))
      spdlog::error("statsd: samples were refused, they are dropped: {}", answer.text);
    return true;
  }
  spdlog::debug("statsd: the log took no samples: {}", answer.text);
  const std::lock_guard lock(mutex);
  waiting_bytes += text.size();
  waiting.push_front(std::move(text));
  return false;
}

void statsd_collector::parts::send_until_stopped() {
  std::unique_lock lock(mutex);
  for (;;) {
    changed.wait(lock, [&] { return !waiting.empty() || all_heard; });
    sends_last = all_heard;
    changed.notify_all();
    if (waiting.empty())
      return;
    auto text = std::move(waiting.front());
    waiting.pop_front();
    waiting_bytes -= text.size();
    const bool last = sends_last;
    lock.unlock();
    const bool sent = send(std::move(text), last ? last_timeout_ms : post_timeout_ms);
    lock.lock();
    if (sent)
      continue;
    if (last) {
      spdlog::error("statsd: stopped with samples that the log did not take");
      return;
    }
    changed.wait_for(lock, retry_pause, [&] { return all_heard; });
  }
}

statsd_collector::statsd_collector(engine_context& ctx, caf::actor collector,
                                   std::vector<statsd_socket> sockets, std::string host)
    : parts_(
          std::make_unique<parts>(ctx, std::move(collector), std::move(sockets), std::move(host))) {
  parts_->reader = std::thread([p = parts_.get()] { p->read_until_stopped(); });
  parts_->sender = std::thread([p = parts_.get()] { p->send_until_stopped(); });
}

statsd_collector::~statsd_collector() {
  parts_->stopping = true;
  parts_->reader.join();
  {
    // Until the sender is where it knows of the stop; what is cut short is sent again.
    std::unique_lock lock(parts_->mutex);
    while (!parts_->changed.wait_for(lock, hurry_again, [&] { return parts_->sends_last; }))
      parts_->door.hurry();
  }
  parts_->sender.join();
}

} // namespace tocsin
