#include "actors/live_feed.hpp"

#include "actors/guard.hpp"

#include <algorithm>

namespace tocsin {

namespace {

using feed_self = caf::stateful_actor<live_feed_state>*;

constexpr std::int64_t look_ms = 1'000; // where another engine commits
constexpr std::int64_t look_when_told = 10'000;
constexpr std::int64_t room_again_ms = 20; // until clients have taken some
constexpr std::int64_t call_timeout_ms = 5'000;

// False: Redis is away.
bool read(live_feed_state& s, const engine_context& ctx) {
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return false;
  c->set_timeout_ms(call_timeout_ms);
  for (bool more = true; more && !ctx.stopping;) {
    const auto served = s.fan->serve(*c, s.door->opened(), monotonic_ms());
    if (!served) {
      s.door->failed(served.failure(), monotonic_ms());
      return false;
    }
    more = *served;
  }
  s.door->works();
  return true;
}

void look(live_feed_state& s, const engine_context& ctx) {
  const bool works = read(s, ctx);
  const auto now = monotonic_ms();
  if (!works) {
    s.fan->turn_away("Redis does not answer");
    s.look_at_ms = now + s.door->pause_ms(now);
    return;
  }
  s.look_at_ms = now + (s.fan->behind()                  ? room_again_ms
                        : ctx.role == engine_role::owner ? look_when_told
                                                         : look_ms);
}

void step(feed_self self, engine_context& ctx) {
  auto& s = self->state;
  auto work = ctx.live.take();
  const bool told = work.news || !work.newcomers.empty();
  for (auto& one : work.newcomers)
    s.fan->welcome(std::move(one));
  if (work.end)
    s.fan->end_all();
  if (!s.fan->empty() && (told || monotonic_ms() >= s.look_at_ms))
    look(s, ctx);
  // Behind the incidents: a tick was committed after them.
  for (const auto& text : work.messages)
    s.fan->say(text);
  const auto now = monotonic_ms();
  s.fan->look_after(now);
  ++s.turn;
  if (s.fan->empty())
    return;
  const auto due = std::min(s.look_at_ms, s.fan->next_beat_ms());
  self->delayed_send(self, std::chrono::milliseconds(std::max<std::int64_t>(due - now, 1)),
                     tick_atom::value, s.turn);
}

} // namespace

caf::behavior live_feed(feed_self self, engine_context* ctx) {
  guard(self);
  self->state.door.emplace(*ctx, "live-feed");
  self->state.fan.emplace(ctx->keys.incidents, ctx->live.dropped());
  ctx->live.open(
      [me = caf::actor_cast<caf::actor>(self)] { caf::anon_send(me, news_atom::value); });
  self->attach_functor([ctx] { ctx->live.close(); }); // however it ends, nobody waits for it
  return {
      [=](news_atom) { step(self, *ctx); },
      [=](tick_atom, std::uint64_t turn) {
        if (turn == self->state.turn)
          step(self, *ctx);
      },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
