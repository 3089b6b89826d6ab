#include "actors/committer.hpp"

#include "actors/guard.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using committer_self = caf::stateful_actor<committer_state>*;

struct committer_wiring {
  engine_context& ctx;
  std::string owner;
  caf::actor membership;
  std::vector<caf::actor> listeners;
};

void note_beat(committer_state& s, engine_context& ctx, std::int64_t sent_ms) {
  s.hold->beat(sent_ms);
  ctx.lease_until_ms = std::max(ctx.lease_until_ms.load(), sent_ms + ctx.config.takeover_ms / 2);
}

// A lease that nobody holds was not taken: it was lost, with whatever else Redis held.
void say_fenced(committer_state& s, const committer_wiring& w) {
  auto* c = s.door->get(monotonic_ms());
  const auto lease = c ? redis::read_lease(*c, w.ctx.keys) : result<redis::lease_state>(error{});
  if (lease && lease->owner.empty())
    spdlog::error("{} is gone: Redis at {} was emptied (FLUSHALL), or is another one, without its "
                  "data",
                  w.ctx.keys.lease, w.ctx.address.describe());
  else
    spdlog::warn("{}: another worker took the partition over", w.ctx.keys.lease);
}

void end(committer_self self, const committer_wiring& w, redis::commit_outcome why) {
  self->state.ended = true;
  self->state.waiting.clear();
  self->state.ticks.clear();
  w.ctx.lease_until_ms = 0;
  if (why == redis::commit_outcome::lost) {
    spdlog::error("{}: what stands committed is not what this engine committed: reading the "
                  "partition's state back",
                  w.ctx.keys.progress);
    self->send(w.membership, lost_atom::value, w.owner);
  } else {
    say_fenced(self->state, w);
    self->send(w.membership, fenced_atom::value, w.owner);
  }
}

void retry_later(committer_self self) {
  auto& s = self->state;
  if (std::exchange(s.retrying, true))
    return;
  self->delayed_send(self, std::chrono::milliseconds(s.door->pause_ms(monotonic_ms())),
                     retry_atom::value);
}

// Begins the next tick once every part of the one before it was made.
void begin_tick(committer_state& s) {
  const auto tick = std::move(s.waiting.front());
  s.waiting.pop_front();
  s.builder->begin(std::move(tick->seal), std::move(tick->outcome));
  s.ticks.push_back({tick->sealed_at_s, tick->report, s.builder->parts_left()});
}

// Makes parts and sends them, as far ahead as may be.
status send_ahead(committer_state& s, redis::connection& c) {
  auto sent = s.sender->send(c, monotonic_ms());
  while (sent && s.sender->has_room() && (s.builder->parts_left() > 0 || !s.waiting.empty())) {
    if (s.builder->parts_left() == 0)
      begin_tick(s);
    s.sender->add(s.builder->next());
    sent = s.sender->send(c, monotonic_ms());
  }
  return sent;
}

void tell_of(engine_context& ctx, const committer_state::tick_under_way& tick) {
  auto& m = ctx.metrics;
  const auto took_s = monotonic_s() - tick.sealed_at_s;
  m.incidents_opened.add(tick.report.opened);
  m.incidents_resolved.add(tick.report.resolved);
  m.seal_to_commit.observe(took_s);
  auto report = tick.report;
  report.commit_ms = std::max(0.0, took_s * 1000 - report.evaluation_ms);
  ctx.record.add(report);
  if (ctx.live.watched())
    ctx.live.say("tick", tick_json(report, cluster_json(ctx.history.last(), report.end_ms)));
}

void finish_parts(committer_self self, const committer_wiring& w, std::size_t parts) {
  auto& s = self->state;
  bool events = false;
  for (; parts > 0; --parts) {
    auto& tick = s.ticks.front();
    const bool changed = tick.report.opened + tick.report.resolved > 0;
    events = events || changed;
    if (--tick.parts > 0)
      continue;
    if (changed)
      w.ctx.live.news(); // before the tick is told of
    tell_of(w.ctx, tick);
    s.ticks.pop_front();
    self->send(s.aggregator, done_atom::value);
  }
  if (events)
    w.ctx.live.news();
  if (events)
    for (const auto& a : w.listeners)
      self->send(a, news_atom::value);
}

// One answer. False: parts must be sent again later, or the partition is no longer ours.
bool commit_next(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return retry_later(self), false;
  if (std::exchange(s.connection, s.door->opened()) != s.door->opened())
    s.sender->doubt();
  const auto began_s = monotonic_s();
  const auto sent = send_ahead(s, *c);
  const auto outcome = sent ? s.sender->await(*c) : result<redis::commit_outcome>(sent.failure());
  if (!outcome) {
    s.door->failed(outcome.failure(), monotonic_ms());
    if (outcome.failure().message.find("FOREIGN ") == std::string::npos)
      return retry_later(self), false;
    // It will not be taken however often it is sent: a recovery clears the way.
    return end(self, w, redis::commit_outcome::lost), false;
  }
  if (*outcome != redis::commit_outcome::committed)
    return end(self, w, *outcome), false;
  s.door->works();
  w.ctx.parts().committer.rests();
  note_beat(s, w.ctx, s.sender->answered_ms());
  w.ctx.metrics.commit.observe(monotonic_s() - began_s);
  finish_parts(self, w, s.sender->take_done());
  return true;
}

bool all_committed(const committer_state& s) {
  return s.waiting.empty() && s.ticks.empty();
}

void give_back(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  auto* c = s.ended || s.keeps_lease ? nullptr : s.door->get(monotonic_ms());
  if (c)
    if (const auto released = redis::release_lease(*c, w.ctx.keys, w.owner); !released)
      s.door->failed(released.failure(), monotonic_ms());
  self->send(w.membership, done_atom::value, w.owner);
  self->quit();
}

void commit_all(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  const auto owes = [&] {
    if (!all_committed(s))
      w.ctx.parts().committer.owes(monotonic_ms(), "Redis has not answered a commit");
    return !all_committed(s);
  };
  while (owes() && commit_next(self, w))
    w.ctx.metrics.uncommitted.set(static_cast<double>(s.waiting.size() + s.ticks.size()));
  w.ctx.metrics.uncommitted.set(static_cast<double>(s.waiting.size() + s.ticks.size()));
  if (s.stopping && all_committed(s))
    give_back(self, w);
}

void keep_lease(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  const auto now = monotonic_ms();
  if (s.ended || !s.hold->beat_due(now))
    return;
  auto* c = s.door->get(now);
  if (!c)
    return;
  const auto held = redis::beat_lease(*c, w.ctx.keys, w.owner);
  if (!held)
    return s.door->failed(held.failure(), monotonic_ms());
  if (*held == redis::lease_outcome::refused)
    return end(self, w, redis::commit_outcome::fenced);
  if (all_committed(s))
    w.ctx.parts().committer.rests();
  note_beat(s, w.ctx, now);
}

} // namespace

caf::behavior committer(committer_self self, engine_context* ctx, std::string owner,
                        std::int64_t acquired_ms, commit_builder builder, caf::actor membership,
                        std::vector<caf::actor> listeners) {
  guard(self);
  auto& s = self->state;
  s.builder = std::make_unique<commit_builder>(std::move(builder));
  s.sender.emplace(ctx->keys);
  s.door.emplace(*ctx, "committer", &ctx->parts().committer);
  s.hold.emplace(ctx->config.takeover_ms, acquired_ms);
  ctx->lease_until_ms = acquired_ms + ctx->config.takeover_ms / 2;
  const auto w = std::make_shared<committer_wiring>(
      committer_wiring{*ctx, std::move(owner), std::move(membership), std::move(listeners)});
  return {
      [=](commit_atom, const commit_ptr& tick) {
        if (self->state.ended)
          return;
        self->state.waiting.push_back(tick);
        if (!self->state.retrying)
          commit_all(self, *w);
      },
      [=](alive_atom) {
        self->state.aggregator = caf::actor_cast<caf::actor>(self->current_sender());
        keep_lease(self, *w);
      },
      [=](retry_atom) {
        self->state.retrying = false;
        commit_all(self, *w);
      },
      [=](keep_atom) { self->state.keeps_lease = true; },
      [=](stop_atom) {
        self->state.stopping = true;
        if (all_committed(self->state))
          give_back(self, *w);
      },
  };
}

} // namespace tocsin
