#include "actors/membership.hpp"

#include "actors/cluster_join.hpp"
#include "actors/cluster_rules.hpp"
#include "actors/guard.hpp"
#include "actors/partition_actors.hpp"
#include "actors/recovery_report.hpp"
#include "actors/watched_recovery.hpp"
#include "streams/redis/cluster_state.hpp"

#include <algorithm>
#include <random>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using membership_self = caf::stateful_actor<membership_state>*;

struct membership_wiring {
  engine_context& ctx;
  std::string worker;
};

std::string make_nonce() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

void look_again(membership_self self, std::int64_t in_ms) {
  self->delayed_send(self, std::chrono::milliseconds(in_ms), tick_atom::value);
}

void set_role(engine_context& ctx, engine_role role) {
  ctx.role = role;
  ctx.metrics.role.set(role == engine_role::owner ? 1 : 0);
  if (role != engine_role::owner)
    ctx.caught_up = false;
  if (role == engine_role::standby)
    ctx.parts().lag.clear();
  if (role == engine_role::standby || role == engine_role::owner)
    ctx.parts().membership.rests();
}

// Those who stand behind the stream go on.
void stop_evaluating(membership_self self, engine_context& ctx) {
  auto& s = self->state;
  ctx.parts().evaluate(false);
  for (const auto& a : s.actors)
    self->send_exit(a, caf::exit_reason::user_shutdown);
  if (s.committer)
    self->send_exit(s.committer, caf::exit_reason::user_shutdown);
  s.actors.clear();
  s.first_to_stop.clear();
  s.committer = nullptr;
}

void stop_partition(membership_self self, engine_context& ctx) {
  stop_evaluating(self, ctx);
  self->state.sinks.reset();
  self->state.listeners.reset();
}

// What was asked of put_in_force() has become this.
void answer_reload(membership_state& s, reload_outcome::kind what, const std::string& why_not) {
  if (const auto asked = std::exchange(s.next, nullptr))
    asked->answer(what, why_not);
}

// The partition cannot be read back under the new rules: those before come back.
void take_back(membership_state& s, engine_context& ctx, const error& why) {
  s.hash_to_restore = s.before.hash;
  ctx.rules.set_of_file(s.before.of_file);
  answer_reload(s, reload_outcome::kind::failed, why.message);
}

status recover_and_start(membership_self self, redis::connection& c, engine_context& ctx) {
  auto& s = self->state;
  set_role(ctx, engine_role::recovering);
  const auto began = monotonic_ms();
  const auto still_held = redis::beat_lease(c, ctx.keys, s.owner);
  if (!still_held)
    return still_held.failure();
  if (*still_held == redis::lease_outcome::refused) {
    self->send(self, fenced_atom::value, s.owner);
    return done{};
  }
  if (!s.hash_to_restore.empty()) {
    if (auto r = redis::set_current_rules(c, ctx.cluster, s.hash_to_restore); !r)
      return r;
    s.hash_to_restore.clear();
  }
  // Redis may have come back empty, or be another, since this worker joined.
  if (const auto joined = join_cluster(c, ctx); !joined)
    return joined;
  auto config = settings_in_force(c, ctx, s.others_seen);
  if (!config)
    return config.failure();
  if (!s.listeners) {
    s.sinks = std::make_unique<dispatchers>(ctx);
    s.sinks->prepare(c, !std::exchange(s.orphans_named, true));
  }
  auto recovered = recover(watched_recovery(c, ctx, *config, s.owner, *s.beat_door));
  if (!recovered)
    return recovered.failure();
  if (auto t = redis::store_cluster_timing(c, ctx.cluster, config->interval_ms, config->grace_ms);
      !t)
    return t;
  const auto sent = monotonic_ms();
  const auto held = redis::beat_lease(c, ctx.keys, s.owner);
  if (!held)
    return held.failure();
  if (*held == redis::lease_outcome::refused) {
    self->send(self, fenced_atom::value, s.owner);
    return done{};
  }
  tell_of_recovery(ctx, *config, *recovered, sent - began);
  say_what_is_lost(ctx, *recovered, !s.first_beat.empty());
  forget_rules(c, ctx, recovered->rule_sets);
  if (!s.listeners)
    s.listeners = s.sinks->start(self->system(), s.owner);
  ctx.parts().evaluate(true);
  auto started = start_partition(self->system(), ctx, std::move(*recovered), s.owner, sent, self,
                                 *s.listeners);
  s.actors = std::move(started.all);
  s.first_to_stop = std::move(started.first_to_stop);
  s.committer = started.committer;
  s.core = started.core;
  for (const auto& a : s.actors)
    self->monitor(a);
  self->monitor(s.committer);
  set_role(ctx, engine_role::owner);
  take_up(ctx, config->rules);
  if (s.next)
    spdlog::info("rules: evaluation paused for {} ms", monotonic_ms() - s.asked_ms);
  answer_reload(s, reload_outcome::kind::done, "");
  return done{};
}

// Looks at the lease, and takes it if it may. Returns whether it is held.
result<bool> contend(membership_self self, redis::connection& c, const membership_wiring& w) {
  auto& s = self->state;
  auto& ctx = w.ctx;
  if (!s.owner.empty())
    return true;
  const auto seen = redis::read_lease(c, ctx.keys);
  if (!seen)
    return seen.failure();
  if (!s.watch)
    s.watch.emplace(ctx.config.takeover_ms);
  const auto verdict = s.watch->look(*seen, monotonic_ms());
  // Whoever held the lease of a private Redis is dead: the folder's lock says so. (Were it not, the
  // epoch in the lease would fence it.)
  const bool orphaned = (ctx.private_redis && !s.others_seen) ||
                        (!s.last_owner.empty() && seen->owner == s.last_owner);
  if (verdict == redis::lease_watch::verdict::alive && !orphaned) {
    if (ctx.role == engine_role::connecting) {
      spdlog::info("{} is held by {}: collecting, and watching whether it lives", ctx.keys.lease,
                   seen->owner);
      s.first_beat = seen->beat;
    }
    s.others_seen = s.others_seen || seen->beat != s.first_beat;
    set_role(ctx, engine_role::standby);
    return false;
  }
  const redis::lease_owner me{w.worker, s.nonce, seen->epoch() + 1};
  const auto taken = redis::acquire_lease(c, ctx.keys, me.text(), *seen);
  if (!taken)
    return taken.failure();
  if (*taken == redis::lease_outcome::refused)
    return false;
  s.owner = me.text();
  s.watch.reset();
  return true;
}

void restore_later(membership_self self, std::int64_t in_ms) {
  self->delayed_send(self, std::chrono::milliseconds(in_ms), retry_atom::value);
}

// Redis may have taken rules up and not have been able to say so: those in force are named again,
// as standbys and whoever takes over go by that. A recovery does it by itself.
void restore_rules(membership_self self, engine_context& ctx) {
  auto& s = self->state;
  if (s.hash_to_restore.empty() || s.next || s.stopping || s.actors.empty())
    return;
  const auto now = monotonic_ms();
  auto* c = s.door->get(now);
  if (!c)
    return restore_later(self, s.door->pause_ms(now));
  const auto held = redis::beat_lease(*c, ctx.keys, s.owner);
  if (held && *held == redis::lease_outcome::refused)
    return; // the partition is lost
  const auto restored =
      held ? redis::set_current_rules(*c, ctx.cluster, s.hash_to_restore) : held.failure();
  if (!restored) {
    s.door->failed(restored.failure(), now);
    return restore_later(self, 1'000);
  }
  s.door->works();
  s.hash_to_restore.clear();
}

void look(membership_self self, const membership_wiring& w) {
  auto& s = self->state;
  if (s.stopping || !s.actors.empty())
    return;
  auto& stands = w.ctx.parts().membership;
  stands.owes(monotonic_ms(), "it joins the cluster, or reads the state back");
  const auto pause = std::max<std::int64_t>(w.ctx.config.takeover_ms / 16, 50);
  auto* c = s.door->get(monotonic_ms());
  if (!c) {
    stands.refused(monotonic_ms(), w.ctx.redis_said.get());
    return look_again(self, s.door->pause_ms(monotonic_ms()));
  }
  const auto fail = [&](const error& why, std::int64_t again_ms = 1'000) {
    stands.refused(monotonic_ms(), why.message);
    s.door->failed(why, monotonic_ms());
    look_again(self, again_ms);
  };
  if (!s.joined) {
    if (const auto joined = join_cluster(*c, w.ctx); !joined)
      return fail(joined.failure());
    s.joined = true;
  }
  const auto held = contend(self, *c, w);
  if (!held) {
    const bool sound = !c->broken();
    s.joined = s.joined && !sound; // joining says what is wrong with the keys
    return fail(held.failure(), sound ? 1'000 : pause);
  }
  if (!*held) {
    if (const auto followed = follow_rules(*c, w.ctx); !followed)
      return fail(followed.failure(), pause);
    s.door->works();
    return look_again(self, pause);
  }
  // Memory holds one partition, not two: actors that were told to end do so at once.
  if (!s.core.expired() && monotonic_ms() - s.ended_ms < 2'000)
    return look_again(self, 2);
  const auto started = recover_and_start(self, *c, w.ctx);
  if (started)
    s.door->works();
  if (started || w.ctx.stopping)
    return;
  if (s.next && !c->broken())
    take_back(s, w.ctx, started.failure());
  fail(started.failure());
}

// A partition that is lost again and again is read back ever less often: at once, then after 100 ms
// up to 5 s.
std::int64_t pause_after_loss(membership_state& s) {
  const auto now = monotonic_ms();
  const bool again = s.last_lost_ms > 0 && now - s.last_lost_ms < 30'000;
  s.lost_pause_ms = again ? std::clamp<std::int64_t>(s.lost_pause_ms * 2, 100, 5'000) : 0;
  s.last_lost_ms = now;
  return s.lost_pause_ms;
}

// Ends this actor; a lease that it still holds itself is given back.
void leave(membership_self self, engine_context& ctx) {
  auto& s = self->state;
  auto* c = s.owner.empty() ? nullptr : s.door->get(monotonic_ms());
  if (c)
    if (const auto released = redis::release_lease(*c, ctx.keys, s.owner); !released)
      s.door->failed(released.failure(), monotonic_ms());
  stop_partition(self, ctx);
  self->quit();
}

// Nothing more is sealed; the committer says when what is sealed stands in Redis.
void stop(membership_self self, engine_context& ctx) {
  auto& s = self->state;
  s.stopping = true;
  s.sinks.reset(); // what they have not taken they take after the next start
  if (s.actors.empty())
    return leave(self, ctx);
  for (const auto& a : s.first_to_stop)
    self->send(a, stop_atom::value);
}

// The partition's state is not what Redis holds: it is read back under a new epoch, so that nothing
// that the old actors still have in hand can be committed any more.
void lose(membership_self self, engine_context& ctx, const std::string& owner) {
  auto& s = self->state;
  if (owner != s.owner || s.actors.empty())
    return; // found by actors that were stopped since
  if (s.stopping)
    return leave(self, ctx);
  stop_partition(self, ctx);
  set_role(ctx, engine_role::recovering);
  s.last_owner = std::exchange(s.owner, {});
  look_again(self, pause_after_loss(s));
}

// Another worker took the partition over.
void stand_by(membership_self self, engine_context& ctx, const std::string& owner) {
  auto& s = self->state;
  if (owner != s.owner)
    return;
  s.owner.clear();
  if (s.stopping)
    return leave(self, ctx);
  stop_partition(self, ctx);
  ctx.left.take(); // too old when it is this engine's turn again
  s.hash_to_restore.clear();
  answer_reload(s, reload_outcome::kind::standby,
                "another engine took the partition over meanwhile");
  s.nonce = make_nonce();
  s.others_seen = true;
  set_role(ctx, engine_role::standby);
  look_again(self, 0);
}

// Why rules are not put in force now; empty: they may be.
std::string not_now(const membership_state& s, const engine_context& ctx) {
  if (s.stopping || s.next)
    return s.stopping ? "the engine is stopping" : "other rules are being put in force";
  if (!s.actors.empty())
    return {};
  return ctx.role == engine_role::standby ? "another engine evaluates: reload the rules there"
                                          : "the engine does not evaluate yet";
}

void put_in_force(membership_self self, engine_context& ctx, const rules_ptr& asked) {
  using kind = reload_outcome::kind;
  auto& s = self->state;
  const bool standby = ctx.role == engine_role::standby;
  if (standby)
    ctx.rules.set_of_file(asked->rules); // those that it would begin with, did nobody else live
  if (const auto why = not_now(s, ctx); !why.empty())
    return asked->answer(standby ? kind::standby : kind::not_evaluating, why);
  if (hash_of(*asked->rules) == ctx.rules.get()->hash) {
    ctx.rules.set_of_file(asked->rules);
    return asked->answer(kind::unchanged, "");
  }
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return asked->answer(kind::redis_away, "Redis does not answer");
  const auto stored = store_in_force(*c, ctx, s.owner, *asked->rules);
  if (!stored) {
    s.door->failed(stored.failure(), monotonic_ms());
    s.hash_to_restore = ctx.rules.get()->hash;
    restore_later(self, 1'000);
    return asked->answer(kind::redis_away, stored.failure().message);
  }
  s.hash_to_restore.clear();
  s.next = asked;
  if (*stored == redis::lease_outcome::refused)
    return stand_by(self, ctx, std::string(s.owner));
  s.before = {ctx.rules.of_file(), ctx.rules.get()->hash};
  s.asked_ms = monotonic_ms();
  ctx.rules.set_of_file(asked->rules);
  self->send(s.committer, keep_atom::value);
  for (const auto& a : s.first_to_stop)
    self->send(a, stop_atom::value);
}

// Everything that was sealed is committed, and the committer has ended.
void go_on(membership_self self, engine_context& ctx, const std::string& owner) {
  auto& s = self->state;
  if (owner != s.owner)
    return; // of a partition that was lost since
  if (s.stopping && s.next)
    return leave(self, ctx); // the lease is still held
  if (s.stopping || !s.next) {
    stop_partition(self, ctx);
    return self->quit();
  }
  stop_evaluating(self, ctx);
  set_role(ctx, engine_role::recovering);
  s.ended_ms = monotonic_ms();
  look_again(self, 0);
}

void notice_end(membership_self self, const caf::down_msg& down) {
  auto& s = self->state;
  const bool in_order =
      down.reason == caf::exit_reason::normal || down.reason == caf::exit_reason::user_shutdown;
  const auto is_source = [&](const caf::actor& a) { return a && a.address() == down.source; };
  const bool ours =
      is_source(s.committer) || std::any_of(s.actors.begin(), s.actors.end(), is_source);
  if (in_order || s.stopping || !ours)
    return;
  spdlog::error("an actor of the partition ended unexpectedly ({}): reading its state back",
                self->system().render(down.reason));
  self->send(self, lost_atom::value, s.owner);
}

} // namespace

caf::behavior membership(membership_self self, engine_context* ctx, std::string worker) {
  guard(self);
  auto& s = self->state;
  ctx->parts().lag.due(monotonic_ms()); // until the log says better
  s.door.emplace(*ctx, "membership");
  s.beat_door.emplace(*ctx, "lease");
  s.nonce = make_nonce();
  const auto w = std::make_shared<membership_wiring>(membership_wiring{*ctx, std::move(worker)});
  self->set_down_handler([=](const caf::down_msg& down) { notice_end(self, down); });
  self->send(self, tick_atom::value);
  return {
      [=](tick_atom) { look(self, *w); },
      [=](retry_atom) { restore_rules(self, *ctx); },
      [=](lost_atom, const std::string& owner) { lose(self, *ctx, owner); },
      [=](fenced_atom, const std::string& owner) { stand_by(self, *ctx, owner); },
      [=](stop_atom) { stop(self, *ctx); },
      [=](done_atom, const std::string& owner) { go_on(self, *ctx, owner); },
      [=](reload_atom, const rules_ptr& asked) { put_in_force(self, *ctx, asked); },
  };
}

} // namespace tocsin
