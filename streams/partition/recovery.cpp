#include "streams/partition/recovery.hpp"

#include "config/read_settings.hpp"
#include "streams/partition/commit_builder.hpp"
#include "streams/partition/entry_applier.hpp"
#include "streams/partition/mend.hpp"
#include "streams/partition/restore.hpp"
#include "streams/redis/layout.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

// What stands in Redis of the last committed tick.
struct committed {
  redis::progress_mark mark;
  part_of part;
  std::vector<recorded_tick> rows; ///< up to and with the tick of the mark
  rule_set rules;                  ///< under which it was sealed
  log_position first_entry;        ///< the oldest that the log still holds
};

// Where it is not kept any more, those that are to be put in force stand for it: they decide what a
// tick that broke off still commits, and in which order removed rules end.
result<rule_set> load_rule_set(const recovery_task& t, const std::string& hash) {
  const auto json = redis::load_rules(t.connection, t.cluster, hash);
  if (!json)
    return json.failure();
  auto rules = *json ? read_rules(**json) : result<rule_set>(error{"it is not there"});
  if (rules)
    return rules;
  t.note(fmt::format("{} does not hold the rule set {} of the last commit any more: the rules that "
                     "are put in force now stand for it",
                     t.cluster.rules, hash));
  return t.config.rules;
}

result<committed> load_committed(const recovery_task& t, redis::progress_mark mark) {
  committed c{std::move(mark), {}, {}, {}, {}};
  c.part = read_part(c.mark.part);
  const auto end_ms = redis::parse_unsigned(c.mark.tick);
  if (!end_ms || c.part.m == 0)
    return error{fmt::format("{} cannot be read", t.keys.progress)};
  const auto to_ms = static_cast<std::int64_t>(*end_ms);
  const partition_plan plan(t.config);
  auto rows = load_record(t.connection, t.keys, to_ms - record_span_ms(plan), to_ms);
  if (!rows)
    return rows.failure();
  if (rows->empty() || rows->back().end_ms != to_ms)
    return error{
        fmt::format("{} holds no row for the committed tick that ends at {}", t.keys.ticks, to_ms)};
  c.rows = std::move(*rows);
  auto rules = load_rule_set(t, c.mark.rules);
  if (!rules)
    return rules.failure();
  c.rules = std::move(*rules);
  const auto facts = redis::read_stream_facts(t.connection, t.keys.samples);
  if (!facts)
    return facts.failure();
  c.first_entry = facts->first ? to_position(*facts->first) : log_position{};
  return c;
}

settings with_rules_and_grid(const settings& s, const rule_set& rules, const tick_grid& grid) {
  settings out = s;
  out.rules = rules;
  out.interval_ms = grid.interval_ms;
  out.grace_ms = grid.grace_ms;
  return out;
}

using engine_ptr = std::unique_ptr<partition_engine>;

// An engine as it was at the end of `rows` (not empty), under the plan's rules and the rows' grid,
// without incidents.
result<engine_ptr> restore_engine(const recovery_task& t, const committed& c,
                                  std::span<const recorded_tick> rows,
                                  std::shared_ptr<const partition_plan> plan) {
  auto engine = std::make_unique<partition_engine>(plan);
  const auto how = plan_restore(rows, plan->grid, plan->rules.longest_window(), c.first_entry);
  if (const auto s = restore_windows(t, how, *engine); !s)
    return s.failure();
  return engine;
}

// Moves what is known of hosts into a grid that begins anew.
status change_grid(const recovery_task& t, std::span<const recorded_tick> rows,
                   partition_engine& old, partition_engine& engine) {
  const auto& was = old.in.grid();
  const auto& is = engine.in.grid();
  const auto last_end_ms = rows.back().end_ms;
  const auto next = is.ceil_ticks(last_end_ms);
  const auto scale = [&](std::int64_t ticks) { return ticks * was.interval_ms / is.interval_ms; };
  engine.in.begin(next, tick_history(next, scale(rows.back().non_blind)));
  for (host_index h = 0; h < old.in.hosts().extent(); ++h) {
    const auto& host = old.in.hosts().at(h);
    if (!host.known)
      continue;
    const auto made = engine.in.restore_host(host.name, host.since, host.labels,
                                             is.of(was.start_ms(host.last_sample)),
                                             scale(old.in.non_blind_at_last(host)));
    if (!made)
      return error{"more hosts are known than tocsin.hosts allows: raise it"};
    for (const auto& [field, first] : old.in.first_ticks(h))
      engine.in.restore_first(*made, old.in.fields().name(field), is.of(was.start_ms(first)));
  }
  engine.clock = seal_clock::resume(is, next - 1, old.clock.last_entry_ms().value_or(last_end_ms),
                                    old.clock.heartbeat_seen());
  // Samples that came before their tick was open in the new grid are still to be taken.
  entry_applier applier(t.decoders);
  const auto lead = static_cast<std::size_t>(was.ticks_ahead() + 2);
  const auto from = rows.size() > lead ? rows[rows.size() - lead].position : log_position{};
  applier.ignore_before(is.start_ms(next));
  engine.in.follow(true);
  log_walk walk{from, rows.back().position, {}, {}};
  walk.on_entry = [&](const redis::log_entry& e) {
    applier.apply(engine.in, e);
    return t.alive();
  };
  const auto walked = walk_log(t.connection, t.keys, applier, walk);
  engine.in.follow(false);
  engine.in.reset_counts();
  return walked;
}

// An engine as it was at the end of `rows` (not empty), under the plan's rules and in its grid,
// without incidents.
result<engine_ptr> restore_state(const recovery_task& t, const committed& c,
                                 std::span<const recorded_tick> rows,
                                 std::shared_ptr<const partition_plan> plan) {
  const auto& grid = rows.back().grid;
  if (grid == plan->grid)
    return restore_engine(t, c, rows, plan);
  auto old = restore_engine(
      t, c, rows,
      std::make_shared<partition_plan>(with_rules_and_grid(t.config, plan->rules.rules(), grid)));
  if (!old)
    return old;
  auto engine = std::make_unique<partition_engine>(plan);
  if (const auto s = change_grid(t, rows, **old, *engine); !s)
    return s.failure();
  return engine;
}

// The rules of the tick before the one of the mark: rules that this one removed end in their order.
result<rule_set> rules_before(const recovery_task& t, const committed& c) {
  if (c.rows.size() < 2 || c.rows[c.rows.size() - 2].rules == c.mark.rules)
    return c.rules;
  return load_rule_set(t, c.rows[c.rows.size() - 2].rules);
}

// An engine as it was before the last of the rows, under the rules of the last.
result<engine_ptr> restore_before_last(const recovery_task& t, const committed& c) {
  const auto& row = c.rows.back();
  const auto plan =
      std::make_shared<partition_plan>(with_rules_and_grid(t.config, c.rules, row.grid));
  if (c.rows.size() > 1)
    return restore_state(t, c, std::span(c.rows).first(c.rows.size() - 1), plan);
  auto engine = std::make_unique<partition_engine>(plan);
  engine->in.begin(row.sealed, tick_history(row.sealed, row.non_blind - (row.blind ? 0 : 1)));
  if (const auto s = restore_hosts(t, engine->in); !s)
    return s.failure();
  return engine;
}

// Commits what is left of a tick of which some parts stand committed.
status finish_tick(const recovery_task& t, const committed& c) {
  const auto& row = c.rows.back();
  const auto restored = restore_before_last(t, c);
  if (!restored)
    return restored.failure();
  auto& engine = **restored;
  entry_applier applier(t.decoders);
  log_walk walk{c.rows.size() > 1 ? c.rows[c.rows.size() - 2].position : log_position{},
                row.position,
                {},
                {}};
  walk.on_entry = [&](const redis::log_entry& e) {
    applier.apply(engine.in, e);
    return t.alive();
  };
  if (const auto walked = walk_log(t.connection, t.keys, applier, walk); !walked)
    return walked;
  // Only now: hosts that became known in this tick may have incidents already.
  const auto old_rules = rules_before(t, c);
  if (!old_rules)
    return old_rules.failure();
  if (const auto s = restore_incidents(t, *old_rules, engine); !s)
    return s;
  auto record = seal_tick(engine.in, engine.clock, {row.sealed, row.blind},
                          engine.plan->checks_at(row.sealed), row.position, row.begin);
  record.heartbeat_seen = row.heartbeat_seen;
  auto outcome = engine.judge(row.sealed, record.forgotten);
  commit_builder builder(t.owner, c.mark.rules, c.mark, row.grid);
  builder.begin_rest(std::make_shared<seal_record>(std::move(record)), std::move(outcome));
  while (builder.parts_left() > 0) {
    const auto committed = redis::commit(t.connection, t.keys, builder.next());
    if (!committed)
      return committed.failure();
    if (*committed == redis::commit_outcome::fenced || *committed == redis::commit_outcome::lost)
      return error{"the rest of a tick could not be committed: the partition changed hands"};
  }
  return done{};
}

result<engine_ptr> restore_current(const recovery_task& t, const committed& c) {
  auto engine = restore_state(t, c, c.rows, std::make_shared<partition_plan>(t.config));
  if (engine)
    if (const auto s = restore_incidents(t, c.rules, **engine); !s)
      return s.failure();
  return engine;
}

// Each of them once; those of neighbours are mostly the same.
std::vector<std::string> rule_sets_of(std::span<const recorded_tick> rows) {
  std::vector<std::string> out;
  for (const auto& row : rows)
    if (std::find(out.rbegin(), out.rend(), row.rules) == out.rend())
      out.push_back(row.rules);
  return out;
}

recovered_partition new_partition(const recovery_task& t) {
  recovered_partition out;
  out.engine = std::make_unique<partition_engine>(std::make_shared<partition_plan>(t.config));
  return out;
}

} // namespace

std::int64_t record_span_ms(const partition_plan& plan) {
  const auto ticks = plan.rules.longest_window() + 2 * plan.grid.ticks_ahead() + 8;
  return std::max(plan.bounds.host_expiry_ms, ticks * plan.grid.interval_ms) +
         ticks * plan.grid.interval_ms;
}

std::string hash_of(const rule_set& rules) {
  return content_hash(write_rules(rules));
}

result<recovered_partition> recover(const recovery_task& t) {
  if (auto s = redis::check_layout(t.connection, t.keys, t.cluster); !s)
    return s.failure();
  const auto rules_hash = hash_of(t.config.rules);
  if (auto s = redis::store_rules(t.connection, t.cluster, rules_hash, write_rules(t.config.rules));
      !s)
    return s.failure();
  if (auto s = redis::set_current_rules(t.connection, t.cluster, rules_hash); !s)
    return s.failure();
  auto progress = mend_partition(t);
  if (!progress)
    return progress.failure();
  auto out = new_partition(t);
  if (*progress) {
    auto c = load_committed(t, **progress);
    if (c && !c->part.last()) {
      if (auto s = finish_tick(t, *c); !s)
        return s.failure();
      progress = redis::load_progress(t.connection, t.keys);
      if (!progress || !*progress)
        return error{fmt::format("{} vanished", t.keys.progress)};
      c = load_committed(t, **progress);
    }
    if (!c)
      return c.failure();
    auto engine = restore_current(t, *c);
    if (!engine)
      return engine.failure();
    out.engine = std::move(*engine);
    out.mark = c->mark;
    out.position = c->rows.back().position;
    out.begin = c->rows.back().begin;
    out.floor_ms = c->rows.back().grid.seal_ms(c->rows.back().sealed);
    out.ticks = c->rows.size();
    out.rule_sets = rule_sets_of(c->rows);
  }
  out.rules_hash = rules_hash;
  out.hosts = out.engine->in.hosts().size();
  return out;
}

} // namespace tocsin
