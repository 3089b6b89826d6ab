#include "actors/sinks/delivery_queue.hpp"

#include "config/duration.hpp"

#include <algorithm>
#include <exception>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

constexpr std::size_t read_at_least = 100;
constexpr std::int64_t watch_every_ms = 2'000;
constexpr std::int64_t fenced_pause_ms = 200;

} // namespace

delivery_queue::delivery_queue(delivery_wiring w, std::shared_ptr<sink> to, const sink_metrics& m)
    : w_(std::move(w)), sink_(std::move(to)), metrics_(m), group_(w_.keys, sink_->name()),
      policy_(std::min(sink_->batch_max(), held_max), w_.times) {}

delivery_queue::~delivery_queue() {
  show({});
}

void delivery_queue::cancel() {
  cancelled_ = true;
  sink_->cancel();
}

const std::string& delivery_queue::dead_letters() const {
  return name() == "hooks" ? w_.keys.hooks_dead : w_.keys.webhooks_dead;
}

bool delivery_queue::waits() {
  w_.waits = w_.waits && !sink_->wanted();
  return w_.waits;
}

result<std::int64_t> delivery_queue::step(redis::connection& c, std::uint64_t connection_number) {
  w_.stands->owes(w_.now_ms(), "it is handing on events");
  auto next = next_step(c, connection_number);
  // Events that were refused are owed until the sink takes them; Redis's refusals its door tells.
  if (next && (events_.empty() || !complaint_.going_on()))
    w_.stands->rests();
  return next;
}

result<std::int64_t> delivery_queue::next_step(redis::connection& c,
                                               std::uint64_t connection_number) {
  if (connection_ != connection_number) {
    if (auto s = join(c); !s)
      return s.failure();
    connection_ = connection_number;
  }
  if (settle_due())
    if (auto s = settle(c); !s)
      return s.failure();
  if (auto s = watch_backlog(c); !s)
    return s.failure();
  if (w_.now_ms() >= next_idle_ms_)
    next_idle_ms_ = sink_->idle(c, w_.now_ms());
  if (events_.empty())
    return refill(c);
  const auto now = w_.now_ms();
  if (now < next_try_ms_)
    return std::clamp<std::int64_t>(std::min(next_try_ms_, next_idle_ms_) - now, 0, watch_every_ms);
  hand_on();
  if (cancelled_) // the last step
    if (auto s = settle(c); !s)
      return s.failure();
  return 0;
}

// Nothing is held afterwards, so that what was delivered is acknowledged next, before what is
// pending is read.
status delivery_queue::join(redis::connection& c) {
  const auto found = group_.position(c);
  if (!found)
    return found.failure();
  if (*found) {
    position_ = *found;
  } else {
    if (auto made = group_.create(c, position_); !made)
      return made.failure();
    const auto now_at = group_.position(c);
    if (!now_at)
      return now_at.failure();
    position_ = now_at->value_or(redis::stream_id{});
    spdlog::info("{}: is told about incidents after {} (group {} on {})", name(), position_->text(),
                 group_.name(), group_.stream());
  }
  events_.clear();
  held_.clear();
  reading_pending_ = true;
  return done{};
}

bool delivery_queue::settle_due() const {
  if (tries_ || burial_)
    return true;
  return !acks_.empty() &&
         (events_.empty() || acks_.size() >= read_at_least || w_.now_ms() < next_try_ms_ ||
          w_.now_ms() - delivered_at_ms_ >= settle_ms);
}

status delivery_queue::settle(redis::connection& c) {
  if (auto s = group_.acknowledge(c, acks_); !s)
    return s;
  acks_.clear();
  if (tries_)
    if (auto s = group_.set_tries(c, tries_->first, tries_->second); !s)
      return s;
  tries_.reset();
  if (burial_) {
    const auto& dead = *burial_;
    if (auto s = group_.bury(c, dead_letters(),
                             {dead.letter.entry, name(), dead.why, dead.letter.tries});
        !s)
      return s;
  }
  burial_.reset();
  return done{};
}

result<std::int64_t> delivery_queue::refill(redis::connection& c) {
  if (reading_pending_)
    if (auto s = refill_pending(c); !s)
      return s.failure();
  return events_.empty() && !reading_pending_ ? refill_new(c) : result<std::int64_t>(0);
}

status delivery_queue::refill_pending(redis::connection& c) {
  const auto n = std::clamp(sink_->batch_max(), read_at_least, held_max);
  auto pending = group_.pending(c, static_cast<std::uint32_t>(n));
  if (!pending)
    return pending.failure();
  reading_pending_ = !pending->empty();
  std::size_t trimmed = 0;
  for (auto& e : *pending) {
    trimmed += e.trimmed();
    if (e.trimmed())
      acks_.push_back(e.entry.id);
    else
      hold(std::move(e.entry), e.tries);
  }
  if (trimmed > 0) {
    metrics_.lost.add(trimmed);
    spdlog::error("{}: {} events were trimmed from {} before it took them: they are lost", name(),
                  trimmed, group_.stream());
  }
  return events_.empty() ? settle(c) : status(done{});
}

result<std::int64_t> delivery_queue::refill_new(redis::connection& c) {
  const auto n = std::clamp(sink_->batch_max(), read_at_least, held_max);
  auto got = group_.take(c, w_.owner, static_cast<std::uint32_t>(n));
  if (!got)
    return got.failure();
  if (got->what == redis::taken_events::outcome::fenced)
    return fenced_pause_ms; // whoever watches the lease ends this soon
  if (got->what == redis::taken_events::outcome::no_group) {
    spdlog::warn("{}: its group {} is gone from {}: making it again", name(), group_.name(),
                 group_.stream());
    auto s = join(c);
    return s ? result<std::int64_t>(0) : s.failure();
  }
  if (!got->entries.empty()) {
    count_cut_off(got->entries.front().id);
    position_ = got->entries.back().id;
    for (auto& e : got->entries)
      hold(std::move(e), 0);
    return 0;
  }
  show({});
  return std::clamp<std::int64_t>(next_idle_ms_ - w_.now_ms(), 0, look_ms);
}

void delivery_queue::hold(redis::stream_entry&& entry, std::uint32_t tries) {
  auto event = redis::read_stream_event(entry);
  if (!event) {
    spdlog::warn("{}: entry {} of {} is no event: passed over", name(), entry.id.text(),
                 group_.stream());
    if (acks_.empty())
      delivered_at_ms_ = w_.now_ms();
    return acks_.push_back(entry.id);
  }
  events_.push_back(std::move(*event));
  held_.push_back({std::move(entry), tries});
}

// Events are numbered without gaps, so a gap is what was trimmed before it was taken.
void delivery_queue::count_cut_off(redis::stream_id first) {
  const auto next = position_->seq + 1;
  if (first.seq <= next || first.ms < position_->ms)
    return;
  metrics_.lost.add(first.seq - next);
  spdlog::error("{}: {} events were trimmed from {} before it took them: they are lost", name(),
                first.seq - next, group_.stream());
}

void delivery_queue::hand_on() {
  const auto offered = std::min(policy_.batch(), events_.size());
  delivery d;
  try {
    d = sink_->deliver({events_.data(), offered});
  } catch (const std::exception& e) {
    d = {delivery::outcome::failed, 0, e.what()};
  }
  if (!cancelled_)
    return apply(d, offered);
  if (acks_.empty())
    delivered_at_ms_ = w_.now_ms();
  drop_taken(d, d.what == delivery::outcome::done ? offered : std::min(d.taken, offered));
}

void delivery_queue::apply(const delivery& d, std::size_t offered) {
  const auto taken = d.what == delivery::outcome::done ? offered : std::min(d.taken, offered);
  const auto now = w_.now_ms();
  const auto next = policy_.judge(d, offered, taken < offered ? held_[taken].tries : 0, now);
  if (acks_.empty())
    delivered_at_ms_ = now;
  drop_taken(d, next.taken);
  next_try_ms_ = now + next.wait_ms;
  tell(d, next);
  if (next.next == retry_policy::decision::fate::none)
    return;
  held_.front().tries = next.tries;
  if (next.next == retry_policy::decision::fate::failed) {
    tries_ = {events_.front().at, next.tries};
    return;
  }
  metrics_.given_up.add();
  burial_ = {std::move(held_.front()), d.why};
  events_.erase(events_.begin());
  held_.erase(held_.begin());
}

void delivery_queue::drop_taken(const delivery& d, std::size_t n) {
  const auto unmatched = std::min(d.unmatched, n);
  metrics_.delivered.add(n - unmatched);
  metrics_.unmatched.add(unmatched);
  const auto count = static_cast<std::ptrdiff_t>(n);
  for (std::size_t i = 0; i < n; ++i)
    acks_.push_back(events_[i].at);
  events_.erase(events_.begin(), events_.begin() + count);
  held_.erase(held_.begin(), held_.begin() + count);
}

// Before the first event is dropped: an error that repeats is said once, and once more when it is
// over.
void delivery_queue::tell(const delivery& d, const retry_policy::decision& next) {
  const auto now = w_.now_ms();
  if (d.what == delivery::outcome::done) {
    w_.stands->rests();
    given_up_.works(now);
    if (complaint_.works(now))
      spdlog::info("{}: takes events again", name());
    return;
  }
  w_.stands->refused(now, d.why);
  metrics_.retries.add();
  if (next.next == retry_policy::decision::fate::give_up) {
    const auto& e = events_.front();
    spdlog::log(given_up_.fails(d.why, now) ? spdlog::level::err : spdlog::level::debug,
                "{}: gave up on the event {} ({} of rule {} on {}) after {} failed tries, it is "
                "in {} now: {}",
                name(), e.at.text(), e.opened ? "opened" : "resolved", e.rule_name, e.host_name,
                next.tries, dead_letters(), d.why);
    return;
  }
  spdlog::log(complaint_.fails(d.why, now) ? spdlog::level::warn : spdlog::level::debug,
              "{}: {}; trying again in {}", name(), d.why, describe_duration(next.wait_ms));
}

status delivery_queue::watch_backlog(redis::connection& c) {
  const auto now = w_.now_ms();
  if (now < next_watch_ms_)
    return done{};
  next_watch_ms_ = now + watch_every_ms;
  if (events_.empty() && !reading_pending_) {
    show({});
    return done{};
  }
  const auto oldest = events_.empty() ? position_->next() : events_.front().at;
  const auto facts = redis::read_stream_facts(c, group_.stream());
  const auto time = c.server_time_ms();
  if (!facts || !time)
    return facts ? time.failure() : facts.failure();
  show(backlog_from(oldest, *facts, *time, w_.stream_bytes(), w_.bounds));
  return done{};
}

void delivery_queue::show(const sink_backlog& b) {
  metrics_.undelivered.set(static_cast<double>(b.events));
  *metrics_.oldest_ms = b.events > 0 ? w_.now_ms() - b.age_ms : INT64_MAX;
  metrics_.endangered.set(b.endangered ? 1 : 0);
  if (b.endangered && !endangered_)
    spdlog::warn("{}: {} events wait, the oldest for {}: they are about to be cut off {} before it "
                 "took them. Mend its receiver, or raise pro.alerting.retentionPeriod and "
                 "tocsin.incidentBytes",
                 name(), b.events, describe_duration(b.age_ms - b.age_ms % 60'000),
                 group_.stream());
  endangered_ = b.endangered;
}

} // namespace tocsin
