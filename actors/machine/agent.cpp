#include "actors/machine/agent.hpp"

#include "actors/machine/local_metrics.hpp"
#include "config/complaint.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

namespace {

constexpr std::int64_t wait_ms_max = 1000; // a stepping wall clock is noticed within that
constexpr std::size_t text_shown_max = 500;

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return hash;
}

} // namespace

std::int64_t report_offset_ms(std::string_view host, std::int64_t interval_ms) {
  const auto spread = static_cast<std::uint64_t>(std::max<std::int64_t>(interval_ms / 2, 1));
  return interval_ms / 10 + static_cast<std::int64_t>(fnv1a(host) % spread);
}

std::int64_t next_report_ms(std::int64_t now_ms, std::int64_t interval_ms, std::int64_t offset_ms) {
  assert(interval_ms > 0 && now_ms >= offset_ms);
  return ((now_ms - offset_ms) / interval_ms + 1) * interval_ms + offset_ms;
}

struct agent::impl {
  agent_options options;
  agent_clock& clock;
  sampler take;
  sample_door& door;
  std::int64_t offset_ms;

  std::mutex mutex; // over what follows; never held while a sample is taken or posted
  std::condition_variable changed;
  shipper ships;
  bool pushed = false;
  bool stopping = false;

  // Per server, the sending thread's own: that it takes none, and what is wrong with some.
  std::vector<complaint> away, spoilt;
  std::uint64_t dropped_shown = 0; // the same
  std::int64_t ship_until_ms = 0;  // steady; 0: no limit

  void push(std::string line);
  bool wait_until_report();
  std::int64_t post_timeout_ms();
  void report(const shipper::attempt& sent, const server_answer& answer, verdict_on_batch verdict);
  void report_dropped();
  void ship();
  void ship_until_stopped();
};

void agent::impl::push(std::string line) {
  std::lock_guard lock(mutex);
  ships.push(std::move(line));
  pushed = true;
  changed.notify_one();
}

bool agent::impl::wait_until_report() {
  std::int64_t now = clock.now_ms();
  std::int64_t due = next_report_ms(now, options.interval_ms, offset_ms);
  while (now < due) {
    if (!clock.wait_ms(std::min(due - now, wait_ms_max))) {
      return false;
    }
    now = clock.now_ms();
    if (due - now > options.interval_ms) { // the wall clock stepped back
      due = next_report_ms(now, options.interval_ms, offset_ms);
    }
  }
  return true;
}

std::int64_t agent::impl::post_timeout_ms() {
  if (ship_until_ms == 0) {
    return options.post_timeout_ms;
  }
  return std::min(options.post_timeout_ms, ship_until_ms - clock.steady_ms());
}

void agent::impl::report(const shipper::attempt& sent, const server_answer& answer,
                         verdict_on_batch verdict) {
  const std::string& server = options.servers[sent.server];
  const std::string text = answer.text.substr(0, text_shown_max);
  const auto now = clock.steady_ms();
  auto& of_samples = spoilt[sent.server];
  switch (verdict) {
  case verdict_on_batch::taken:
    if (away[sent.server].works(now)) {
      spdlog::info("agent: {} takes samples again", server);
    }
    if (text.find("\"rejected\"") == std::string::npos) {
      if (of_samples.works(now)) {
        spdlog::info("agent: {} takes all samples again", server);
      }
    } else if (of_samples.fails(text, now)) {
      spdlog::warn("agent: {} took a batch of {} samples in part: {}", server, sent.batch.lines(),
                   text);
    }
    break;
  case verdict_on_batch::refused:
    if (of_samples.fails(text, now)) {
      spdlog::error("agent: {} refused {} samples with {}, they are dropped: {}", server,
                    sent.batch.lines(), answer.status, text);
    }
    break;
  case verdict_on_batch::too_large:
    spdlog::warn("agent: {} finds {} samples too large at once", server, sent.batch.lines());
    break;
  case verdict_on_batch::elsewhere:
    if (away[sent.server].fails(text, now)) {
      spdlog::warn("agent: {} does not take samples ({}): {}; they are kept", server,
                   answer.status == 0 ? "no answer" : std::to_string(answer.status), text);
    }
    break;
  }
}

void agent::impl::report_dropped() {
  std::uint64_t dropped = 0;
  {
    std::lock_guard lock(mutex);
    dropped = ships.waiting().dropped();
  }
  if (dropped > dropped_shown) {
    spdlog::error("agent: the backlog is full; {} of the oldest samples are lost so far", dropped);
    dropped_shown = dropped * 2; // not with every sample
  }
}

void agent::impl::ship() {
  report_dropped();
  for (;;) {
    std::optional<shipper::attempt> sent;
    {
      std::lock_guard lock(mutex);
      sent = ships.next(clock.steady_ms());
    }
    if (!sent) {
      return;
    }
    const std::int64_t timeout = post_timeout_ms();
    const server_answer answer = timeout > 0 ? door.post(sent->server, sent->batch.text, timeout)
                                             : server_answer{.text = "no time left"};
    verdict_on_batch verdict;
    {
      std::lock_guard lock(mutex);
      verdict = ships.answered(clock.steady_ms(), answer);
      if (stopping && ship_until_ms == 0) {
        return; // `leave` sends the rest
      }
    }
    report(*sent, answer, verdict);
  }
}

void agent::impl::ship_until_stopped() {
  for (;;) {
    {
      std::lock_guard lock(mutex);
      pushed = false;
    }
    ship();
    std::unique_lock lock(mutex);
    const auto ready = [this] { return pushed || stopping; };
    if (const auto wake = ships.wake_ms()) {
      const auto rest = std::max<std::int64_t>(*wake - clock.steady_ms(), 1);
      changed.wait_for(lock, std::chrono::milliseconds(rest), ready);
    } else {
      changed.wait(lock, ready);
    }
    if (stopping) {
      return;
    }
  }
}

agent::agent(agent_options options, agent_clock& clock, sampler take, sample_door& door)
    : impl_(new impl{
          .options = options,
          .clock = clock,
          .take = std::move(take),
          .door = door,
          .offset_ms = report_offset_ms(options.host, options.interval_ms),
          .mutex = {},
          .changed = {},
          .ships = shipper(options.servers.size(), backlog::capacity_for(options.interval_ms)),
          .away = std::vector<complaint>(options.servers.size()),
          .spoilt = std::vector<complaint>(options.servers.size())}) {}

agent::~agent() = default;

void agent::run() {
  std::thread sender([this] { impl_->ship_until_stopped(); });
  while (sample_once()) {
  }
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.notify_one();
  }
  impl_->door.hurry(); // what it interrupts is sent again below: a resend counts once
  sender.join();
  leave();
}

bool agent::sample_once() {
  if (!impl_->wait_until_report()) {
    return false;
  }
  impl_->push(impl_->take(impl_->clock.now_ms()));
  return true;
}

void agent::ship() {
  impl_->ship();
}

void agent::leave() {
  if (impl_->options.leave) {
    impl_->push(leave_json(impl_->options.host, impl_->clock.now_ms()));
  }
  impl_->ship_until_ms = impl_->clock.steady_ms() + impl_->options.leave_timeout_ms;
  impl_->ships.hurry();
  impl_->ship();
  if (const std::size_t lost = impl_->ships.waiting().size()) {
    spdlog::error("agent: stopped with {} samples that no server took", lost);
  }
}

const shipper& agent::ships() const {
  return impl_->ships;
}

} // namespace tocsin
