#include "streams/partition/restore.hpp"

#include "streams/partition/entry_applier.hpp"
#include "streams/partition/open_record.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace tocsin {

namespace {

// How many rows before a tick the log must be read from: its first sample may come that early.
std::int64_t lead(const tick_grid& grid) {
  return grid.ticks_ahead() + 1;
}

// Nothing was read before the first entry.
log_position before_first(log_position begin) {
  if (begin.seq > 0)
    return {begin.ms, begin.seq - 1};
  return begin.ms > 0 ? log_position{begin.ms - 1, UINT64_MAX} : begin;
}

tick_history history_of(std::span<const recorded_tick> rows, tick next) {
  if (rows.empty())
    return tick_history(next);
  tick_history h(rows.front().sealed, rows.front().non_blind - (rows.front().blind ? 0 : 1));
  for (const auto& row : rows)
    if (row.sealed < next)
      h.push(row.blind);
  return h;
}

} // namespace

restore_plan plan_restore(std::span<const recorded_tick> all_rows, const tick_grid& grid,
                          std::int64_t longest_window, log_position first_entry) {
  restore_plan plan;
  const auto tail = contiguous_tail(all_rows, grid);
  const auto before = all_rows.size() - tail; // rows of another grid, or cut off by a hole
  plan.rows.assign(all_rows.begin() + static_cast<std::ptrdiff_t>(before), all_rows.end());
  const auto first = plan.rows.front().sealed;
  const auto last = plan.rows.back().sealed;
  const auto oldest = std::min(last, last + 2 - longest_window);
  plan.next = std::clamp(oldest - lead(grid) + 1, first, last + 1);
  // The row before `next`, or as many rows before the first as a sample may come early.
  auto at = static_cast<std::int64_t>(before) + (plan.next - first) - 1;
  if (plan.next == first)
    at = static_cast<std::int64_t>(before) - lead(grid);
  if (at < 0) {
    plan.start = before_first(all_rows.front().begin);
  } else {
    plan.start = all_rows[static_cast<std::size_t>(at)].position;
    plan.heartbeat_seen = all_rows[static_cast<std::size_t>(at)].heartbeat_seen;
  }
  // What was cut off the log: a tick is whole if everything since its samples could come is there.
  plan.values_from = first;
  if (plan.rows.back().begin < first_entry) {
    // Nothing says since when the samples of the first ticks could come.
    plan.values_from = first + lead(grid);
    for (const auto& row : plan.rows)
      if (row.position < first_entry)
        plan.values_from = std::max(plan.values_from, row.sealed + lead(grid) + 1);
  }
  return plan;
}

status restore_windows(const recovery_task& t, const restore_plan& plan, partition_engine& engine) {
  auto& in = engine.in;
  auto history = history_of(plan.rows, plan.next);
  history.lose_values_before(plan.values_from);
  in.begin(plan.next, std::move(history));
  if (const auto hosts = restore_hosts(t, in); !hosts)
    return hosts;
  t.state_read();

  const auto now = t.connection.server_time_ms();
  if (!now)
    return now.failure();
  const auto rows =
      std::span(plan.rows).subspan(static_cast<std::size_t>(plan.next - plan.rows.front().sealed));
  // Ids are no times: an entry that was applied before a tick was sealed came before that was due.
  auto sealing = plan.next;
  const auto time_of = [&](log_position p) {
    const auto id_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(p.ms, INT64_MAX));
    return std::min({id_ms, *now, in.grid().seal_ms(sealing) - 1});
  };
  auto time_ms = time_of(plan.start);
  engine.clock = seal_clock::resume(in.grid(), plan.next - 1, time_ms, plan.heartbeat_seen);
  entry_applier applier(t.decoders);
  log_read_counts counts;
  in.follow(true);
  log_walk walk{plan.start, plan.rows.back().position, rows, {}};
  walk.on_entry = [&](const redis::log_entry& entry) {
    ++counts.entries;
    counts.bytes += entry.bytes.size();
    time_ms = std::max(time_ms, time_of(to_position(entry.id)));
    engine.clock.arrive(time_ms);
    engine.clock.enter(time_ms, entry.form == "hb");
    applier.apply(in, entry);
    return t.alive();
  };
  walk.on_row = [&](const recorded_tick& row) {
    engine.clock.follow(row.sealed);
    in.seal(row.blind);
    sealing = row.sealed + 1;
  };
  const auto walked = walk_log(t.connection, t.keys, applier, walk);
  in.follow(false);
  in.reset_counts();
  t.log_read(counts);
  return walked;
}

status restore_incidents(const recovery_task& t, const rule_set& old_rules,
                         partition_engine& engine) {
  const auto& keys = t.keys;
  std::map<std::string, rule_index, std::less<>> by_name;
  const auto& rules = engine.plan->rules.rules();
  for (rule_index i = 0; i < rules.size(); ++i)
    by_name[rules[i].name] = i;
  const auto host_of = [&](std::string_view name) { return engine.in.hosts().find(name); };

  std::vector<open_record> removed;
  std::uint64_t unknown_hosts = 0;
  // The registry is damaged where it lacks the host of an open incident: it is known again, as if
  // it had reported in the last tick.
  const auto place_of = [&](const std::string& name) {
    const auto host = host_of(name);
    if (host)
      return host;
    ++unknown_hosts;
    const auto& history = engine.in.history();
    return engine.in.restore_host(name, {}, {}, history.last(), history.non_blind(history.last()));
  };
  auto scanned = redis::scan_hash(t.connection, keys.open, [&](std::string id, std::string json) {
    auto record = read_open_record(json);
    if (!record)
      return t.note(fmt::format("{} holds `{}`, which is no open incident: it is passed over. "
                                "HDEL removes it",
                                keys.open, id));
    const auto rule = by_name.find(record->about.name);
    const auto host = rule == by_name.end() ? std::nullopt : place_of(record->host);
    if (rule != by_name.end() && host)
      engine.incidents.restore_open(rule->second, *host, record->start_ms, record->trigger_value);
    else
      removed.push_back(std::move(*record));
  });
  if (scanned)
    scanned =
        redis::scan_hash(t.connection, keys.cooldowns, [&](std::string field, std::string until) {
          const auto pair = read_cooldown_field(field);
          const auto until_ms = redis::parse_unsigned(until);
          const auto rule = pair ? by_name.find(pair->first) : by_name.end();
          const auto host = pair ? host_of(pair->second) : std::nullopt;
          if (rule != by_name.end() && host && until_ms)
            engine.incidents.restore_cooldown(rule->second, *host,
                                              static_cast<std::int64_t>(*until_ms));
          else if (pair)
            engine.incidents.restore_forgotten_cooldown({pair->first, pair->second});
        });
  if (!scanned)
    return scanned;
  if (unknown_hosts > 0)
    t.note(fmt::format("{} lacks the hosts of {} open incidents: they are known again", keys.hosts,
                       unknown_hosts));

  const auto old_place = [&](const open_record& r) {
    return std::find_if(old_rules.begin(), old_rules.end(),
                        [&](const rule& o) { return o.name == r.about.name; }) -
           old_rules.begin();
  };
  std::sort(removed.begin(), removed.end(), [&](const auto& a, const auto& b) {
    return std::pair(old_place(a), std::string_view(a.host)) <
           std::pair(old_place(b), std::string_view(b.host));
  });
  for (auto& r : removed)
    engine.incidents.restore_removed({std::move(r.about), std::move(r.host), r.start_ms,
                                      r.trigger_value, std::move(r.annotations)});
  return done{};
}

} // namespace tocsin
