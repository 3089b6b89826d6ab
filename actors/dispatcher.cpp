#include "actors/dispatcher.hpp"

#include "actors/engine_state.hpp"
#include "actors/guard.hpp"
#include "actors/sinks/make_sinks.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using dispatcher_self = caf::stateful_actor<dispatcher_state>*;

void step(dispatcher_self self) {
  auto& s = self->state;
  const auto again = [&](std::int64_t in_ms) {
    if (in_ms > 0)
      self->delayed_send(self, std::chrono::milliseconds(in_ms), tick_atom::value, ++s.turn);
    else
      self->send(self, tick_atom::value, ++s.turn);
  };
  if (s.queue->waits()) // without a connection
    return again(delivery_queue::wanted_again_ms);
  auto* c = s.door->get(monotonic_ms());
  if (!c)
    return again(s.door->pause_ms(monotonic_ms()));
  const auto next = s.queue->step(*c, s.door->opened());
  if (!next) {
    s.door->failed(next.failure(), monotonic_ms());
    return again(s.door->pause_ms(monotonic_ms()));
  }
  s.door->works();
  again(*next);
}

// Those of sinks that are configured no more hold nothing back: the stream is trimmed regardless.
void warn_of_orphans(redis::connection& c, const std::string& key,
                     const std::vector<std::shared_ptr<sink>>& sinks) {
  const auto groups = redis::list_groups(c, key);
  if (!groups)
    return spdlog::warn("{}", groups.failure().message);
  for (const auto& g : *groups) {
    if (!g.name.starts_with(redis::sink_group_prefix))
      continue;
    const auto sink = g.name.substr(redis::sink_group_prefix.size());
    if (std::any_of(sinks.begin(), sinks.end(), [&](auto& s) { return s->name() == sink; }))
      continue;
    spdlog::warn("{} has the group {} of a sink that is not configured any more: it costs nothing, "
                 "and is where that sink would go on; to remove it: "
                 "redis-cli XGROUP DESTROY '{}' '{}'",
                 key, g.name, key, g.name);
  }
}

} // namespace

caf::behavior dispatcher(dispatcher_self self, engine_context* ctx,
                         std::shared_ptr<delivery_queue> queue) {
  guard(self);
  self->state.door.emplace(*ctx, "dispatcher", &queue->stands());
  self->state.queue = std::move(queue);
  self->send(self, tick_atom::value, self->state.turn);
  return {
      [=](tick_atom, std::uint64_t turn) {
        if (turn == self->state.turn)
          step(self);
      },
      [=](news_atom) { step(self); },
      [=](stop_atom) { self->quit(); },
  };
}

dispatchers::dispatchers(engine_context& ctx)
    : ctx_(ctx), sinks_(make_sinks(ctx.config, ctx.hooks, [&ctx] { return evaluates_now(ctx); })) {}

void dispatchers::prepare(redis::connection& c, bool name_orphans) {
  for (const auto& sink : sinks_) {
    const redis::consumer_group group(ctx_.keys, sink->name());
    if (!sink->wanted()) { // a group that is there goes on, so that it does not lag one day
      if (const auto there = group.position(c); there && !*there)
        waiting_.insert(sink->name());
      continue;
    }
    const auto made = group.create(c);
    if (!made)
      spdlog::warn("{}: {}", sink->name(), made.failure().message);
    else if (*made)
      spdlog::info("{}: is told about incidents from now on (group {} on {})", sink->name(),
                   group.name(), group.stream());
  }
  if (name_orphans)
    warn_of_orphans(c, ctx_.keys.incidents, sinks_);
}

const std::vector<caf::actor>& dispatchers::start(caf::actor_system& sys,
                                                  const std::string& owner) {
  for (const auto& sink : sinks_) {
    delivery_wiring w{ctx_.keys,
                      owner,
                      {ctx_.config.alerting_retention_ms, ctx_.config.incident_bytes},
                      [this_ctx = &ctx_] {
                        return static_cast<std::uint64_t>(this_ctx->metrics.incident_bytes.value());
                      },
                      monotonic_ms};
    w.waits = waiting_.contains(sink->name());
    w.stands = ctx_.parts().add_sink(sink->name());
    queues_.push_back(std::make_shared<delivery_queue>(std::move(w), sink,
                                                       sink_metrics(ctx_.registry, sink->name())));
    actors_.push_back(sys.spawn<caf::detached>(dispatcher, &ctx_, queues_.back()));
  }
  return actors_;
}

void dispatchers::stop() {
  for (const auto& queue : queues_)
    queue->cancel();
  for (const auto& actor : actors_)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  queues_.clear();
  actors_.clear();
  sinks_.clear();
  waiting_.clear();
}

} // namespace tocsin
