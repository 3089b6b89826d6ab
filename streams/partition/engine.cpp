#include "streams/partition/engine.hpp"

#include "config/memory.hpp"

namespace tocsin {

partition_plan::partition_plan(const settings& s)
    : grid{s.interval_ms, s.grace_ms},
      rules(s.rules, grid, s.watcher_ticks()), bounds{hosts_within_memory(s), s.fields_max,
                                                      s.host_expiry_ms},
      cluster(s.cluster), watch_ticks(s.watcher_ticks()) {}

partition_engine::partition_engine(std::shared_ptr<const partition_plan> p)
    : plan(std::move(p)), in(plan->grid, plan->bounds, plan->rules.watched()),
      incidents(plan->rules.rules(), plan->cluster), clock(plan->grid),
      checker_(plan->rules, in.ring(), in.history(), incidents.open()) {}

tick_outcome partition_engine::judge(tick sealed, std::span<const forgotten_host> forgotten,
                                     bool check) {
  std::vector<verdict_change> changes;
  if (check && plan->checks_at(sealed))
    for (std::size_t block = 0; block < in.hosts().blocks(); ++block)
      checker_.check(block, changes);
  return incidents.step(plan->grid.end_ms(sealed), forgotten, changes, in.hosts());
}

void partition_engine::skip_idle_ticks(std::int64_t log_ms) {
  const auto next = in.next();
  // The verdicts of the last check stand as long as no window holds a value, and a tick before it.
  const bool idle = next - in.newest() > plan->rules.longest_window() + plan->watch_ticks + 1 &&
                    !incidents.any_cooldown();
  const auto ticks = clock.alike_until(log_ms) - 1;
  if (!idle || ticks < 1)
    return;
  const bool blind = clock.next_is_blind();
  // While ticks count, hosts come nearer to their expiry.
  if (!blind && in.hosts().size() > 0)
    return;
  in.skip(ticks, blind);
  clock.skip(ticks);
}

} // namespace tocsin
