#include "actors/janitor.hpp"

#include "actors/guard.hpp"
#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "streams/partition/recovery.hpp"
#include "streams/redis/partition_state.hpp"
#include "streams/redis/stream_trim.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using janitor_self = caf::stateful_actor<janitor_state>*;

constexpr std::int64_t look_again_ms = 1'000;
constexpr std::int64_t look_for_ownership_ms = 500;

redis::stream_id older_than(std::int64_t now_ms, std::int64_t age_ms) {
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms - age_ms, 0)), 0};
}

// The record is of use as far as the log reaches, and as far as a recovery looks back from the last
// row, whatever the ids of the log say: they are not times.
status trim_record(redis::connection& c, engine_context& ctx) {
  const auto facts = redis::read_stream_facts(c, ctx.keys.samples);
  if (!facts)
    return facts.failure();
  const auto last = redis::last_tick(c, ctx.keys);
  if (!last)
    return last.failure();
  if (!facts->first || !*last)
    return done{};
  const auto needed_ms = (*last)->end_ms - record_span_ms(partition_plan(ctx.config));
  const auto below_ms =
      std::min(facts->first->ms, static_cast<std::uint64_t>(std::max<std::int64_t>(needed_ms, 0)));
  const auto s = redis::trim_below(c, ctx.keys.ticks, {below_ms, 0});
  return s ? status(done{}) : status(s.failure());
}

status trim_to_retention(redis::connection& c, const std::string& key, std::int64_t retention_ms,
                         redis::stream_id keep_from) {
  const auto now = c.server_time_ms();
  if (!now)
    return now.failure();
  const auto trimmed =
      redis::trim_below(c, key, std::min(older_than(*now, retention_ms), keep_from));
  return trimmed ? status(done{}) : status(trimmed.failure());
}

// Entries behind the last commit were not evaluated yet, or might not be again: they stay, and
// where they are too many collectors take no more (see log_writer).
result<redis::stream_id> evaluated_up_to(redis::connection& c, engine_context& ctx) {
  const auto mark = redis::load_progress(c, ctx.keys);
  if (!mark)
    return mark.failure();
  return *mark ? redis::stream_id::parse((*mark)->log_id).value_or(redis::stream_id{})
               : redis::stream_id{};
}

// Sets when to look again at the latest.
void note_size(janitor_state& s, std::uint64_t bytes, std::uint64_t budget) {
  s.look_again_ms = std::min(s.look_again_ms, redis::measure_again_ms(bytes, budget));
}

status keep_log(janitor_state& s, redis::connection& c, engine_context& ctx) {
  const auto now = monotonic_ms();
  const auto keep_from = evaluated_up_to(c, ctx);
  if (!keep_from)
    return keep_from.failure();
  if (now - s.log_trimmed_at_ms >= ctx.config.monitoring_janitor_ms) {
    if (auto done =
            trim_to_retention(c, ctx.keys.samples, ctx.config.monitoring_retention_ms, *keep_from);
        !done)
      return done;
    s.log_trimmed_at_ms = now;
    if (auto done = trim_record(c, ctx); !done)
      return done;
  }
  const auto bytes = redis::stream_bytes(c, ctx.keys.samples);
  if (!bytes)
    return bytes.failure();
  ctx.metrics.log_bytes.set(static_cast<double>(*bytes));
  note_size(s, *bytes, ctx.config.log_bytes);
  if (*bytes <= ctx.config.log_bytes)
    return done{};
  if (!std::exchange(s.over_budget, true))
    spdlog::warn("{} takes {}, tocsin.logBytes allows {}: its oldest samples are cut off before "
                 "{} have passed; after a restart rules are blind to them",
                 ctx.keys.samples, describe_byte_size(*bytes),
                 describe_byte_size(ctx.config.log_bytes),
                 describe_duration(ctx.config.monitoring_retention_ms));
  // A little more than needed, so that not every look trims.
  const auto trimmed = redis::trim_to_bytes(
      c, ctx.keys.samples, ctx.config.log_bytes - ctx.config.log_bytes / 16, *keep_from);
  if (!trimmed)
    return trimmed.failure();
  return trim_record(c, ctx);
}

status keep_incidents(janitor_state& s, redis::connection& c, engine_context& ctx) {
  const auto now = monotonic_ms();
  if (now - s.incidents_trimmed_at_ms >= ctx.config.alerting_janitor_ms) {
    if (auto done = trim_to_retention(c, ctx.keys.incidents, ctx.config.alerting_retention_ms,
                                      {UINT64_MAX, UINT64_MAX});
        !done)
      return done;
    s.incidents_trimmed_at_ms = now;
  }
  const auto bytes = redis::stream_bytes(c, ctx.keys.incidents);
  if (!bytes)
    return bytes.failure();
  ctx.metrics.incident_bytes.set(static_cast<double>(*bytes));
  note_size(s, *bytes, ctx.config.incident_bytes);
  if (*bytes <= ctx.config.incident_bytes)
    return done{};
  const auto trimmed = redis::trim_to_bytes(
      c, ctx.keys.incidents, ctx.config.incident_bytes - ctx.config.incident_bytes / 16);
  return trimmed ? status(done{}) : status(trimmed.failure());
}

std::int64_t look(janitor_state& s, engine_context& ctx) {
  auto& stands = ctx.parts().janitor;
  if (ctx.role != engine_role::owner) {
    stands.rests();
    return look_for_ownership_ms;
  }
  stands.owes(monotonic_ms(), "Redis does not answer");
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return look_again_ms;
  s.look_again_ms = std::min(ctx.config.monitoring_janitor_ms, ctx.config.alerting_janitor_ms);
  auto kept = keep_log(s, *c, ctx);
  if (kept)
    kept = keep_incidents(s, *c, ctx);
  if (!kept) {
    s.door->failed(kept.failure(), monotonic_ms());
    return look_again_ms;
  }
  s.door->works();
  const auto again_ms = std::max(s.look_again_ms, look_again_ms);
  stands.rests();
  stands.owes(monotonic_ms() + again_ms + look_again_ms, "it has not looked at the streams");
  return again_ms;
}

} // namespace

caf::behavior janitor(janitor_self self, engine_context* ctx) {
  guard(self);
  self->state.door.emplace(*ctx, "janitor", &ctx->parts().janitor);
  self->send(self, tick_atom::value);
  return {
      [=](tick_atom) {
        const auto again_ms = look(self->state, *ctx);
        self->delayed_send(self, std::chrono::milliseconds(again_ms), tick_atom::value);
      },
      [=](stop_atom) { self->quit(); },
  };
}

} // namespace tocsin
