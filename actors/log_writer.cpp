#include "actors/log_writer.hpp"

#include "actors/guard.hpp"
#include "config/byte_size.hpp"
#include "streams/redis/server_check.hpp"
#include "streams/redis/stream_trim.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using writer_self = caf::stateful_actor<log_writer_state>*;

constexpr std::int64_t retry_ms = 1'000;
constexpr std::int64_t check_again_ms = 5'000;

std::int64_t heartbeat_ms(const settings& s) {
  return std::max<std::int64_t>(s.interval_ms, 1'000) / 4;
}

std::vector<intake_answer> append(writer_self self, engine_context& ctx,
                                  const std::vector<redis::log_payload>& payloads) {
  auto& s = self->state;
  using o = intake_answer::outcome;
  const auto all_failed = [&](const std::string& why) {
    return std::vector<intake_answer>(payloads.size(), {o::away, why});
  };
  ctx.parts().writer.owes(monotonic_ms(), "Redis does not answer");
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return all_failed("Redis is away");
  const auto results = redis::append_to_log(*c, ctx.keys.samples, payloads);
  if (!results) {
    s.door->failed(results.failure(), monotonic_ms());
    return all_failed("Redis is away: the connection was lost");
  }
  std::vector<intake_answer> out;
  for (const auto& r : *results) {
    if (r) {
      s.wrote_at_ms = monotonic_ms();
      s.door->works();
      ctx.parts().writer.rests();
    } else {
      s.door->failed({r.failure().message}, monotonic_ms());
    }
    ctx.samples_refused = !r;
    out.push_back(r ? intake_answer{} : intake_answer{o::refused, "Redis: " + r.failure().message});
  }
  s.wrote_any = s.wrote_any || s.wrote_at_ms > 0;
  return out;
}

// After each new connection it may be another Redis, or one that was set up otherwise: one that
// throws keys away would throw open incidents away.
void check_fitness(log_writer_state& s, engine_context& ctx, redis::connection& c) {
  const auto now = monotonic_ms();
  if (s.checked == s.door->opened() && (!s.unfit.going_on() || now < s.check_at_ms))
    return;
  const auto facts = redis::read_server_facts(c);
  if (!facts)
    return; // asked again soon: nothing is known
  s.checked = s.door->opened();
  s.check_at_ms = now + check_again_ms;
  const auto fit = redis::check_server(*facts, c.where());
  ctx.redis_unfit.set(fit ? std::string() : fit.failure().message);
  if (fit && s.unfit.works(now))
    spdlog::info("{} is as it must be again", c.where());
  if (!fit && s.unfit.fails(fit.failure().message, now))
    spdlog::error("{}", fit.failure().message);
}

// The janitor trims the log to its budget, but leaves what is not evaluated yet. So a log beyond
// the budget and an eighth is full of that: what came now would have to be thrown away unread.
void measure(writer_self self, engine_context& ctx) {
  auto& s = self->state;
  if (monotonic_ms() < s.measure_at_ms)
    return;
  s.measure_at_ms = monotonic_ms() + retry_ms;
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return;
  check_fitness(s, ctx, *c);
  const auto bytes = redis::stream_bytes(*c, ctx.keys.samples);
  if (!bytes)
    return s.door->failed(bytes.failure(), monotonic_ms());
  const auto most = ctx.config.log_bytes + ctx.config.log_bytes / 8;
  const bool full = *bytes > most;
  s.measure_at_ms = monotonic_ms() + redis::measure_again_ms(*bytes, most);
  ctx.metrics.log_full.set(full ? 1 : 0);
  if (ctx.log_full.exchange(full) == full)
    return;
  if (full)
    spdlog::error("{} takes {} and holds samples that no engine has evaluated: no more are taken "
                  "until it is below tocsin.logBytes again ({})",
                  ctx.keys.samples, describe_byte_size(*bytes),
                  describe_byte_size(ctx.config.log_bytes));
  else
    spdlog::info("{} has room again: samples are taken", ctx.keys.samples);
}

void beat(writer_self self, engine_context& ctx) {
  auto& s = self->state;
  measure(self, ctx);
  const auto period = heartbeat_ms(ctx.config);
  const auto since = monotonic_ms() - s.wrote_at_ms;
  if (ctx.intake_answers && !ctx.log_full && (!s.wrote_any || since >= period))
    append(self, ctx, {{"hb", ""}});
  // Early enough that a heartbeat is never much later than its quarter.
  const auto next = s.wrote_any ? period - (monotonic_ms() - s.wrote_at_ms) : period / 4;
  const auto longest = ctx.log_full ? std::min(period, retry_ms) : period;
  const auto wait = ctx.log_full ? longest : std::clamp<std::int64_t>(next, 10, longest);
  self->delayed_send(self, std::chrono::milliseconds(wait), tick_atom::value);
}

} // namespace

caf::behavior log_writer(writer_self self, engine_context* ctx) {
  guard(self);
  self->state.door.emplace(*ctx, "log-writer", &ctx->parts().writer);
  self->send(self, tick_atom::value);
  return {
      [=](append_atom, const payloads_ptr& payloads) {
        auto results = append(self, *ctx, *payloads);
        measure(self, *ctx);
        self->send(caf::actor_cast<caf::actor>(self->current_sender()), stored_atom::value,
                   stored_ptr(std::make_shared<std::vector<intake_answer>>(std::move(results))));
      },
      [=](tick_atom) { beat(self, *ctx); },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
