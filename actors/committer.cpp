#include "actors/committer.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using committer_self = caf::stateful_actor<committer_state>*;

struct committer_wiring {
  engine_context& ctx;
  std::string owner;
  caf::actor membership;
};

void note_beat(committer_state& s, engine_context& ctx, std::int64_t sent_ms) {
  s.hold->beat(sent_ms);
  ctx.lease_until_ms = sent_ms + ctx.config.takeover_ms / 2;
}

void end(committer_self self, const committer_wiring& w, redis::commit_outcome why) {
  self->state.ended = true;
  self->state.queue.clear();
  w.ctx.lease_until_ms = 0;
  if (why == redis::commit_outcome::lost) {
    spdlog::error("{}: what stands committed is not what this engine committed: reading the "
                  "partition's state back",
                  w.ctx.keys.progress);
    self->send(w.membership, lost_atom::value, w.owner);
  } else {
    spdlog::warn("{}: another worker took the partition over", w.ctx.keys.lease);
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

// One part. False: it must be sent again later, or the partition is no longer ours.
bool commit_next(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return retry_later(self), false;
  const auto& tick = *s.queue.front();
  const auto sent_ms = monotonic_ms();
  const auto began_s = monotonic_s();
  const auto outcome = redis::commit(*c, w.ctx.keys, tick.parts[s.next_part]);
  if (!outcome) {
    s.door->failed(outcome.failure(), monotonic_ms());
    return retry_later(self), false;
  }
  if (*outcome == redis::commit_outcome::lost || *outcome == redis::commit_outcome::fenced)
    return end(self, w, *outcome), false;
  note_beat(s, w.ctx, sent_ms);
  w.ctx.metrics.commit.observe(monotonic_s() - began_s);
  ++s.next_part;
  return true;
}

void give_back(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  auto* c = s.ended ? nullptr : s.door->get(monotonic_ms());
  if (c)
    if (const auto released = redis::release_lease(*c, w.ctx.keys, w.owner); !released)
      s.door->failed(released.failure(), monotonic_ms());
  self->send(w.membership, done_atom::value);
  self->quit();
}

void commit_queue(committer_self self, const committer_wiring& w) {
  auto& s = self->state;
  while (!s.queue.empty() && commit_next(self, w)) {
    const auto& tick = *s.queue.front();
    if (s.next_part < tick.parts.size())
      continue;
    auto& m = w.ctx.metrics;
    m.incidents_opened.add(tick.opened);
    m.incidents_resolved.add(tick.resolved);
    m.seal_to_commit.observe(monotonic_s() - tick.sealed_at_s);
    s.queue.pop_front();
    s.next_part = 0;
    self->send(s.aggregator, done_atom::value);
  }
  w.ctx.metrics.uncommitted.set(static_cast<double>(s.queue.size()));
  if (s.stopping && s.queue.empty())
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
  note_beat(s, w.ctx, now);
}

} // namespace

caf::behavior committer(committer_self self, engine_context* ctx, std::string owner,
                        std::int64_t acquired_ms, caf::actor membership) {
  auto& s = self->state;
  s.door.emplace(*ctx, "committer");
  s.hold.emplace(ctx->config.takeover_ms, acquired_ms);
  ctx->lease_until_ms = acquired_ms + ctx->config.takeover_ms / 2;
  const auto w = std::make_shared<committer_wiring>(
      committer_wiring{*ctx, std::move(owner), std::move(membership)});
  return {
      [=](commit_atom, const commit_ptr& tick) {
        if (self->state.ended)
          return;
        self->state.queue.push_back(tick);
        if (!self->state.retrying)
          commit_queue(self, *w);
      },
      [=](alive_atom) {
        self->state.aggregator = caf::actor_cast<caf::actor>(self->current_sender());
        keep_lease(self, *w);
      },
      [=](retry_atom) {
        self->state.retrying = false;
        commit_queue(self, *w);
      },
      [=](stop_atom) {
        self->state.stopping = true;
        if (self->state.queue.empty())
          give_back(self, *w);
      },
  };
}

} // namespace tocsin
