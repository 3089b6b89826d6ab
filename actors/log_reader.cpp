#include "actors/log_reader.hpp"

#include "actors/guard.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using reader_self = caf::stateful_actor<log_reader_state>*;

// After a reconnect the log may be another one (a failover lost its end): then the entry that was
// read last is not there.
result<bool> is_same_log(redis::connection& c, engine_context& ctx, log_position position) {
  if (position == log_position{})
    return true;
  const auto facts = redis::read_stream_facts(c, ctx.keys.samples);
  if (!facts)
    return facts.failure();
  const bool trimmed = facts->first && to_position(*facts->first) > position;
  if (trimmed && to_position(facts->last_generated) >= position)
    return true;
  const auto there = redis::entry_exists(c, ctx.keys.samples, to_id(position));
  if (!there)
    return there.failure();
  return *there || (facts->length == 0 && to_position(facts->last_generated) >= position);
}

// The owner's heartbeat, over a connection of its own: the other one is waiting.
bool write_heartbeat(engine_context& ctx, redis_door& door) {
  auto* c = ctx.intake_answers && !ctx.log_full ? door.get(monotonic_ms()) : nullptr;
  if (!c)
    return false;
  const redis::log_payload beat{"hb", ""};
  const auto written = redis::append_to_log(*c, ctx.keys.samples, std::span(&beat, 1));
  if (!written)
    door.failed(written.failure(), monotonic_ms());
  else if (const auto& entry = (*written)[0]; !entry)
    door.failed({entry.failure().message}, monotonic_ms());
  else
    door.works();
  return written && (*written)[0];
}

// Ends a wait in Redis that is over: Redis looks at the waits only when something comes, or at its
// own timer, which the embedded one turns once a second. An entry that it writes does so too.
void knock(redis_door& door) {
  auto* c = door.get(monotonic_ms());
  if (!c)
    return;
  if (const auto pong = c->call({"PING"}); !pong)
    door.failed(pong.failure(), monotonic_ms());
}

// One batch; waits for entries at most wait_ms, and then writes a heartbeat if `due`.
result<batch_ptr> read_batch(redis::connection& c, engine_context& ctx, log_reader_state& state,
                             std::int64_t wait_ms, bool due) {
  const auto& key = ctx.keys.samples;
  auto batch = std::make_shared<timed_batch>();
  const auto read = [&]() -> status {
    batch->monotonic_ms = monotonic_ms();
    auto got = redis::read_log(c, key, to_id(state.position), state.pace);
    if (!got)
      return got.failure();
    batch->answered_ms = monotonic_ms();
    batch->log = std::move(*got);
    return done{};
  };
  // Where nothing came last time, it is waited for at once.
  if (!std::exchange(state.silent, false) || wait_ms <= 0)
    if (auto s = read(); !s)
      return s.failure();
  if (batch->log.entries.empty() && wait_ms > 0) {
    bool beaten = false;
    const auto beat = [&] { beaten = write_heartbeat(ctx, *state.beat_door); };
    const auto wake = [&] { due ? beat() : knock(*state.beat_door); };
    const auto waited = redis::wait_for_log(c, key, to_id(state.position), wait_ms, wake);
    if (!waited)
      return waited.failure();
    if (*waited == redis::log_wait::stalled)
      return error{"Redis did not answer in time"};
    if (*waited == redis::log_wait::silence && due && !beaten)
      beat();
    if (auto s = read(); !s)
      return s.failure();
    state.silent = batch->log.entries.empty();
  }
  if (!batch->log.entries.empty())
    state.position = to_position(batch->log.entries.back().id);
  return batch_ptr(std::move(batch));
}

void answer(reader_self self, engine_context& ctx, const caf::actor& aggregator,
            const caf::actor& membership, std::int64_t wait_ms, bool due) {
  auto& state = self->state;
  ctx.parts().reader.owes(monotonic_ms() + std::max<std::int64_t>(wait_ms, 0),
                          "Redis does not answer");
  const auto again = [&](std::int64_t pause_ms) {
    self->delayed_send(self, std::chrono::milliseconds(pause_ms), read_atom::value, wait_ms, due);
  };
  auto* c = state.door->get(monotonic_ms());
  if (!c)
    return again(state.door->pause_ms(monotonic_ms()));
  if (state.verified != state.door->opened()) {
    // A Redis that is still loading its data cannot say: it is asked again.
    const auto same = is_same_log(*c, ctx, state.position);
    if (!same) {
      state.door->failed(same.failure(), monotonic_ms());
      return again(state.door->pause_ms(monotonic_ms()));
    }
    if (!*same) {
      spdlog::error("{}: the log does not hold the entry that was read last", ctx.keys.samples);
      return self->send(membership, lost_atom::value, state.owner);
    }
    state.verified = state.door->opened();
  }
  auto batch = read_batch(*c, ctx, state, wait_ms, due);
  if (!batch) {
    state.door->failed(batch.failure(), monotonic_ms());
    return again(state.door->pause_ms(monotonic_ms()));
  }
  state.door->works();
  ctx.parts().reader.rests();
  self->send(aggregator, batch_atom::value, std::move(*batch));
}

} // namespace

caf::behavior log_reader(reader_self self, engine_context* ctx, log_position from,
                         std::string owner, caf::actor aggregator, caf::actor membership) {
  guard(self);
  self->state.owner = std::move(owner);
  self->state.door.emplace(*ctx, "log-reader", &ctx->parts().reader);
  self->state.beat_door.emplace(*ctx, "heartbeat");
  self->state.position = from;
  return {
      [=](read_atom, std::int64_t wait_ms, bool due) {
        answer(self, *ctx, aggregator, membership, wait_ms, due);
      },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
