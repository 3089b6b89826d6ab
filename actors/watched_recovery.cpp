#include "actors/watched_recovery.hpp"

#include "config/memory.hpp"
#include "streams/redis/lease.hpp"

#include <set>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

// Says that this worker lives while its thread reads, until it is to stop: called once per entry
// and host.
std::function<bool()> lease_keeper(engine_context& ctx, const std::string& owner,
                                   redis_door& door) {
  const auto last = std::make_shared<std::int64_t>(monotonic_ms());
  return [&ctx, &door, owner, last] {
    const auto now = monotonic_ms();
    if (now - *last < ctx.config.takeover_ms / 4)
      return !ctx.stopping;
    *last = now;
    if (auto* c = door.get(now)) {
      if (const auto held = redis::beat_lease(*c, ctx.keys, owner); !held)
        door.failed(held.failure(), now);
      else
        door.works();
    }
    return !ctx.stopping;
  };
}

} // namespace

recovery_task watched_recovery(redis::connection& c, engine_context& ctx, const settings& config,
                               const std::string& owner, redis_door& beat_door) {
  recovery_task t{c, ctx.keys, ctx.cluster, config, owner, decoders()};
  t.alive = lease_keeper(ctx, owner, beat_door);
  t.note = [said = std::make_shared<std::set<std::string>>()](const std::string& what) {
    if (said->insert(what).second)
      spdlog::error("{}", what);
  };
  const auto since = std::make_shared<double>(monotonic_s());
  const auto took = [since] {
    const auto now = monotonic_s();
    return now - std::exchange(*since, now);
  };
  t.state_read = [&ctx, took] { ctx.metrics.recovery_state.set(took()); };
  t.log_read = [&ctx, took](const log_read_counts& read) {
    ctx.metrics.recovery_log.set(took());
    ctx.metrics.recovery_entries.set(static_cast<double>(read.entries));
    ctx.metrics.recovery_bytes.set(static_cast<double>(read.bytes));
  };
  return t;
}

void tell_of_recovery(engine_context& ctx, const settings& config, const recovered_partition& back,
                      std::int64_t took_ms) {
  const auto memory = project_memory(config, back.hosts);
  if (back.hosts > 0 && memory.log_too_small())
    spdlog::warn("tocsin.logBytes is {}, but the rules on the {} hosts known need about {}: what "
                 "is cut off the log is missing after a restart",
                 memory.log_budget_bytes, back.hosts, memory.log_needed_bytes);
  ctx.metrics.recoveries.add();
  ctx.metrics.recovery.observe(static_cast<double>(took_ms) / 1000);
  spdlog::info("evaluating {} rules: {} hosts and {} sealed ticks read back in {} ms",
               config.rules.size(), back.hosts, back.ticks, took_ms);
}

} // namespace tocsin
