#include "streams/partition/log_replay.hpp"

#include "streams/partition/entry_applier.hpp"
#include "streams/partition/restore.hpp"
#include "streams/partition/tick_record.hpp"
#include "streams/sample/host_record.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

// Hosts that were known before the log begins are known from its beginning. (Those that have been
// forgotten since cannot be known any more.)
status preload_hosts(redis::connection& c, const redis::partition_keys& keys, log_position first,
                     intake& in) {
  host_record_reader reader;
  return redis::scan_hash(c, keys.hosts, [&](const std::string& name, const std::string& json) {
    const auto record = reader.read(json);
    if (!record || record->since >= first || in.hosts().find(name))
      return;
    const auto& grid = in.grid();
    // Their last sample before is taken for as late as it can have been.
    const auto before = in.next() - 1;
    const auto host = in.restore_host(name, record->since, record->labels, before,
                                      in.history().non_blind(before));
    for (const auto& [field, first_ms] : record->first_ms)
      if (host)
        in.restore_first(*host, field, grid.of(first_ms));
  });
}

} // namespace

result<log_replay_report> replay_log(redis::connection& c, const redis::partition_keys& keys,
                                     std::shared_ptr<const partition_plan> plan,
                                     const std::function<void(const incident_event&)>& on_event) {
  log_replay_report report;
  const auto all = load_record(c, keys, 0, INT64_MAX);
  if (!all)
    return all.failure();
  const auto tail = contiguous_tail(*all, plan->grid);
  if (tail == 0 && !all->empty())
    return error{fmt::format("the log was sealed with another interval or grace than {} and {} ms: "
                             "replay it with the configuration it was taken under",
                             plan->grid.interval_ms, plan->grid.grace_ms)};
  if (tail == 0)
    return report;
  const auto rows = std::span(*all).subspan(all->size() - tail);
  const auto facts = redis::read_stream_facts(c, keys.samples);
  if (!facts)
    return facts.failure();
  const auto first_entry = facts->first ? to_position(*facts->first) : log_position{};
  report.whole = tail == all->size() && rows.front().begin == first_entry;

  partition_engine engine(plan);
  auto& in = engine.in;
  const auto first = rows.front().sealed;
  auto check_from = first;
  in.begin(first, tick_history(first, rows.front().non_blind - (rows.front().blind ? 0 : 1)));
  if (!report.whole) {
    // The first tick all of whose windows lie behind what was cut off.
    const auto how =
        plan_restore(*all, plan->grid, static_cast<std::int64_t>(tail) + 1, first_entry);
    check_from = how.values_from + plan->rules.longest_window();
    if (const auto s = preload_hosts(c, keys, first_entry, in); !s)
      return s.failure();
  }
  report.checked_from_ms = plan->grid.end_ms(check_from);
  entry_applier applier;
  log_walk walk{{}, rows.back().position, rows, {}};
  walk.on_entry = [&](const redis::log_entry& entry) {
    ++report.entries;
    applier.apply(in, entry);
    return true;
  };
  walk.on_row = [&](const recorded_tick& row) {
    const auto forgotten = in.seal(row.blind);
    auto outcome = engine.judge(row.sealed, forgotten, row.sealed >= check_from);
    ++report.ticks;
    report.events += outcome.size();
    for (const auto& e : outcome.events())
      on_event(e);
  };
  if (const auto walked = walk_log(c, keys, applier, walk); !walked)
    return walked.failure();
  return report;
}

} // namespace tocsin
