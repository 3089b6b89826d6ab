#include "actors/aggregator.hpp"

#include "actors/guard.hpp"
#include "config/json_text.hpp"

#include <algorithm>
#include <map>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

using aggregator_self = caf::stateful_actor<aggregator_state>*;

// No batch is waited for longer: the lease wants signs of life, each quarter of `takeover`.
std::int64_t wait_longest_ms(const settings& s) {
  return std::min<std::int64_t>(s.takeover_ms / 8, 500);
}
// So long before a tick is due the wait ends that is to end with it.
constexpr std::int64_t wait_slack_ms = 50;
// When the owner's heartbeat did not seal the tick at once (clocks are read in whole ms).
constexpr std::int64_t wait_again_ms = 10;

void add_difference(counter& c, std::uint64_t now, std::uint64_t before) {
  if (now > before)
    c.add(now - before);
}

// A whole rack may be off at once: some are named, the Engine page has more.
void warn_of_clocks(const std::vector<skew_watch::skewed_host>& hosts) {
  constexpr std::size_t named = 5;
  for (std::size_t i = 0; i < std::min(hosts.size(), named); ++i) {
    const auto& host = hosts[i];
    spdlog::warn("the clock of host {} is {}: its samples are {}", quote_for_people(host.name),
                 skew_watch::words(host.ahead_ms, unix_ms()),
                 host.ahead_ms > 0 ? "dropped" : "late");
  }
  if (hosts.size() > named)
    spdlog::warn("the clocks of {} more hosts are off", hosts.size() - named);
}

void report(aggregator_self self, engine_context& ctx) {
  auto& s = self->state;
  auto& m = ctx.metrics;
  const auto& in = s.core->engine().in;
  const auto& now = in.counts();
  add_difference(m.samples_accepted, now.accepted, s.reported.accepted);
  add_difference(m.samples_late, now.late, s.reported.late);
  add_difference(m.samples_early, now.early, s.reported.early);
  add_difference(m.samples_refused, now.refused, s.reported.refused);
  add_difference(m.values_taken, now.values_taken, s.reported.values_taken);
  add_difference(m.values_repeated, now.values_repeated, s.reported.values_repeated);
  add_difference(m.values_dropped, now.values_dropped, s.reported.values_dropped);
  s.reported = now;
  const auto& applied = s.core->applied();
  add_difference(m.entries_skipped, applied.entries_skipped, s.reported_applied.entries_skipped);
  add_difference(m.samples_rejected, applied.lines_rejected, s.reported_applied.lines_rejected);
  const auto unread = [](const applier_counts& n) { return n.entries_skipped + n.lines_rejected; };
  const bool spoilt = unread(applied) > unread(s.reported_applied);
  if (spoilt && s.unreadable.fails(s.core->last_complaint(), monotonic_ms()))
    spdlog::warn("log: {}", s.core->last_complaint());
  if (!spoilt && s.unreadable.works(monotonic_ms()))
    spdlog::info("log: everything can be read again");
  s.reported_applied = applied;
  ctx.tables.note(in);
  m.fields_known.set(static_cast<double>(in.fields().counted()));
  m.hosts_known.set(static_cast<double>(in.hosts().size()));
  m.hosts_skewed.set(static_cast<double>(s.core->skew().count()));
  m.window_bytes.set(static_cast<double>(in.ring().bytes()));
  warn_of_clocks(s.core->skew().take_new());
  const auto& clock = s.core->clock();
  if (clock.steps() > s.reported_steps)
    spdlog::warn("Redis's clock stepped by {} ms: log time goes on by the monotonic clock until "
                 "that has stood for 30 s",
                 clock.disagreement_ms());
  add_difference(m.clock_steps, clock.steps(), s.reported_steps);
  s.reported_steps = clock.steps();
  ctx.clock_disagreement_ms = clock.disagreement_ms();
  if (clock.caught_up() && !ctx.caught_up.exchange(true))
    spdlog::info("the log is read to its end: evaluating live");
}

// A rule on a field that nobody reports never fires: most often its name is misspelt. Said once,
// when hosts have had some ticks to report; in a line a field, for many rules may stand on it.
void warn_of_unreported(const live_aggregator& core) {
  constexpr std::size_t named = 3;
  std::map<std::string_view, std::vector<std::string_view>> rules_by_field;
  for (const auto r : core.unreported_rules()) {
    const auto& rule = core.engine().plan->rules.rules()[r];
    rules_by_field[rule.field].push_back(rule.name);
  }
  for (const auto& [field, rules] : rules_by_field) {
    const auto shown = std::min(rules.size(), named);
    std::string who;
    for (std::size_t i = 0; i < shown; ++i)
      who += fmt::format("{}`{}`", i == 0 ? "" : ", ", rules[i]);
    if (rules.size() > shown)
      who += fmt::format(" and {} more", rules.size() - shown);
    spdlog::warn("no host has reported the field `{}` yet, of rule{} {}", field,
                 rules.size() == 1 ? "" : "s", who);
  }
}

// Since when the next tick is due, and what it waits for.
void note_standing(aggregator_state& s, engine_context& ctx) {
  auto& parts = ctx.parts();
  const auto& core = *s.core;
  const auto now = monotonic_ms();
  if (std::exchange(s.standing_at, core.engine().in.next()) != core.engine().in.next())
    s.moved_ms = now;
  const auto due_in = core.due_in_ms(now);
  parts.aggregator.rests();
  if (!due_in || !core.clock().running())
    return parts.lag.clear();
  const auto due = now + *due_in - core.lag_ms(now);
  parts.lag.due(due - s.uncommitted * core.engine().in.grid().interval_ms);
  parts.aggregator.owes(std::max(due, s.moved_ms),
                        now >= ctx.lease_until_ms ? "its lease cannot be renewed"
                        : core.checking()         ? "the rules are being checked"
                        : s.uncommitted >= static_cast<int>(live_aggregator::uncommitted_max)
                            ? "as many sealed ticks as may wait for their commit do"
                            : "it waits for the log");
}

// Adds up the tick that was sealed last, while rules are checked: whoever seals the next one has
// it done before. With a million hosts it takes some 25 ms, so it goes in steps.
void add_up(aggregator_self self, engine_context& ctx, std::size_t rows_max) {
  auto& s = self->state;
  const auto& in = s.core->engine().in;
  if (s.tally.step(in, s.places, rows_max, &s.core->past()))
    ctx.history.push(in.grid(), s.tally.totals(), in);
  else if (!s.tally.done())
    self->send(self, add_atom::value);
}

void begin_to_add_up(aggregator_self self, engine_context& ctx, tick sealed, bool blind) {
  auto& s = self->state;
  const auto& fields = s.core->engine().in.fields();
  if (std::exchange(s.places_of, fields.version()) != fields.version())
    s.places = ctx.history.places(fields);
  s.tally.begin(sealed, blind);
  s.core->past().begin(sealed, s.core->engine().in, s.places);
  add_up(self, ctx, cluster_tally::rows_a_step);
}

tick_report report_of(aggregator_state& s, const seal_record& record) {
  const auto& in = s.core->engine().in;
  const auto& grid = in.grid();
  const auto log_ms = s.core->clock().expected(monotonic_ms());
  tick_report r;
  r.end_ms = grid.end_ms(record.sealed);
  r.blind = record.blind;
  r.lag_ms = std::max<std::int64_t>(0, log_ms - grid.seal_ms(record.sealed));
  r.samples = in.counts().accepted - s.sealed.accepted;
  r.late = in.counts().late - s.sealed.late;
  r.hosts = in.hosts().size();
  s.sealed = in.counts();
  return r;
}

void pass_on(aggregator_self self, engine_context& ctx, const aggregator_peers& peers,
             seal_record record) {
  ctx.metrics.ticks_sealed.add();
  ++self->state.uncommitted;
  if (record.blind)
    ctx.metrics.ticks_blind.add();
  if (ctx.caught_up && ++self->state.live_ticks == 3)
    warn_of_unreported(*self->state.core);
  const auto report = report_of(self->state, record);
  const auto seal = std::make_shared<const seal_record>(std::move(record));
  self->send(peers.incident, sealed_atom::value, seal, monotonic_s(), report);
  ctx.parts().rules.owes(monotonic_ms(), "a check of the rules has not ended");
  if (seal->check)
    for (const auto& rule : peers.rules)
      self->send(rule, sealed_atom::value, seal);
  begin_to_add_up(self, ctx, seal->sealed, seal->blind);
}

void ask_for_more(aggregator_self self, const engine_context& ctx) {
  auto& s = self->state;
  if (s.reading || !s.core->wants_batch())
    return;
  s.reading = true;
  const auto due = s.core->due_in_ms(monotonic_ms());
  const auto longest = wait_longest_ms(ctx.config);
  if (!due || *due > longest)
    return self->send(s.reader, read_atom::value,
                      std::min(longest, due.value_or(INT64_MAX) - wait_slack_ms), false);
  const auto next = s.core->engine().in.next();
  const auto wait = std::exchange(s.beaten_for, next) == next ? wait_again_ms : *due + 1;
  self->send(s.reader, read_atom::value, wait, true);
}

void go_on(aggregator_self self, engine_context& ctx, const aggregator_peers& peers) {
  auto& s = self->state;
  // An owner whose lease is in doubt decides nothing; the committer's next beat wakes it.
  if (monotonic_ms() >= ctx.lease_until_ms) {
    if (!std::exchange(s.waiting_for_lease, true))
      self->delayed_send(self, std::chrono::milliseconds(50), tick_atom::value);
    self->send(peers.committer, alive_atom::value);
    return note_standing(s, ctx);
  }
  while (auto record = s.core->advance())
    pass_on(self, ctx, peers, std::move(*record));
  self->send(peers.committer, alive_atom::value);
  note_standing(s, ctx);
  report(self, ctx);
  ask_for_more(self, ctx);
}

// One step, and the next only after whatever else came meanwhile.
void answer_questions(aggregator_self self, engine_context& ctx) {
  auto& s = self->state;
  if (s.core->checking())
    return; // when that is done

  // What hosts reported is there when it is added up.
  if (!s.tally.done())
    return self->send(self, ask_atom::value);
  s.asked = ctx.questions.step(*s.core, monotonic_ms(), s.desk);
  if (s.asked)
    self->send(self, ask_atom::value);
}

// Other rules have another engine; what hosts reported lately is the same.
void take_past(live_aggregator& core, engine_context& ctx) {
  auto left = ctx.left.take();
  core.past() =
      left ? std::move(*left) : host_history(host_history::bytes_within(ctx.config.memory_bytes));
  auto& in = core.engine().in;
  if (const auto reports = ctx.left_fields.take())
    for (const auto& [field, last] : *reports)
      in.restore_last_report(field, last);
  core.past().enter(in, ctx.history.places(in.fields()));
}

void leave_past(live_aggregator& core, engine_context& ctx) {
  if (ctx.stopping)
    return;
  core.past().leave(core.engine().in);
  ctx.left.put(std::move(core.past()));
  ctx.left_fields.put(core.engine().in.last_reports());
}

void open_desk(aggregator_self self, engine_context& ctx) {
  const auto opened = ctx.questions.open(
      [me = caf::actor_cast<caf::actor>(self)] { caf::anon_send(me, ask_atom::value); });
  self->state.desk = opened;
  self->attach_functor([&ctx, opened] {
    ctx.questions.close(opened);
    ctx.tables.clear();
  });
}

} // namespace

caf::behavior aggregator(aggregator_self self, engine_context* ctx,
                         std::shared_ptr<live_aggregator> core,
                         std::shared_ptr<const aggregator_peers> peers) {
  guard(self);
  self->state.core = std::move(core);
  self->state.sealed = self->state.core->engine().in.counts();
  take_past(*self->state.core, *ctx);
  open_desk(self, *ctx);
  return {
      [=](read_atom, const caf::actor& reader) {
        self->state.reader = reader;
        go_on(self, *ctx, *peers);
      },
      [=](batch_atom, const batch_ptr& batch) {
        self->state.reading = false;
        self->state.core->offer(batch);
        go_on(self, *ctx, *peers);
      },
      [=](add_atom) { add_up(self, *ctx, cluster_tally::rows_a_step); },
      [=](checked_atom) {
        add_up(self, *ctx, SIZE_MAX);
        self->state.core->checked();
        ctx->parts().rules.rests();
        go_on(self, *ctx, *peers);
        if (self->state.asked)
          answer_questions(self, *ctx);
      },
      [=](ask_atom) {
        const bool own = self->current_sender() == self->ctrl();
        if (own || !std::exchange(self->state.asked, true))
          answer_questions(self, *ctx);
      },
      [=](done_atom) {
        self->state.core->committed();
        --self->state.uncommitted;
        go_on(self, *ctx, *peers);
      },
      [=](tick_atom) {
        self->state.waiting_for_lease = false;
        go_on(self, *ctx, *peers);
      },
      [=](stop_atom) {
        // No further seal; what is sealed goes its way.
        add_up(self, *ctx, SIZE_MAX);
        leave_past(*self->state.core, *ctx);
        self->send(peers->incident, stop_atom::value);
        self->quit();
      },
  };
}

} // namespace tocsin
