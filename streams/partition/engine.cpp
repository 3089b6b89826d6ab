#include "streams/partition/engine.hpp"

namespace tocsin {

partition_plan::partition_plan(const settings& s)
    : grid{s.interval_ms, s.grace_ms}, rules(s.rules, grid),
      bounds{s.hosts_max, s.fields_max, s.host_expiry_ms}, cluster(s.cluster),
      watch_ticks(grid.window_ticks(s.watcher_interval_ms)) {}

partition_engine::partition_engine(const partition_plan& p)
    : plan(p), in(p.grid, p.bounds, p.rules.watched()), incidents(p.rules.rules(), p.cluster),
      clock(p.grid), checker_(p.rules, in, incidents.open()) {}

tick_outcome partition_engine::seal(seal_clock::decision d, bool check) {
  const auto forgotten = in.seal(d.blind);
  std::vector<verdict_change> changes;
  if (check && plan.checks_at(d.sealed))
    for (std::size_t block = 0; block < in.hosts().blocks(); ++block)
      checker_.check(block, changes);
  return incidents.step(plan.grid.end_ms(d.sealed), forgotten, changes, in.hosts());
}

} // namespace tocsin
