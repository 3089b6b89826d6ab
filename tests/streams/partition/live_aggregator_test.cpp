#include "streams/partition/live_aggregator.hpp"

#include "streams/partition/commit_builder.hpp"
#include "streams/partition/file_replay.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/partition/restore.hpp"
#include "streams/rule/event_writer.hpp"
#include "tests/support/event_view.hpp"
#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::live_aggregator_test {

using namespace test;

namespace {

std::string json_of_open(const incident_event& e) {
  event_writer writer;
  writer.begin_tick("tocsin");
  writer.take(test::view_of(e), 1);
  return writer.open_json();
}

settings one_rule() {
  settings s;
  s.interval_ms = s.watcher_interval_ms = 1'000;
  s.grace_ms = 0;
  s.hosts_max = 100;
  s.fields_max = 16;
  rule r;
  r.name = "r";
  r.field = "x";
  r.aggregate = aggregation::last;
  r.threshold = 1;
  r.timeframe_ms = 1'000;
  s.rules = {r};
  return s;
}

struct fixture {
  explicit fixture(const settings& s = one_rule()) {
    recovered_partition from;
    from.engine = std::make_unique<partition_engine>(std::make_shared<partition_plan>(s));
    core = std::make_unique<live_aggregator>(std::move(from));
  }
  /// Entries as (id ms, text); an empty text is a heartbeat.
  void offer(std::int64_t now_ms, const std::vector<std::pair<std::uint64_t, std::string>>& entries,
             bool at_end) {
    timed_batch b;
    b.monotonic_ms = b.log.server_time_ms = now_ms;
    b.log.at_end = at_end;
    for (const auto& [id, text] : entries)
      b.log.entries.push_back({{id, seq++}, text.empty() ? "hb" : "s", text});
    ASSERT_TRUE(core->wants_batch());
    core->offer(std::make_shared<timed_batch>(std::move(b)));
  }
  /// Seals as far as it may; gives ticks, negative where blind.
  std::vector<std::int64_t> go_on(bool commit = true) {
    std::vector<std::int64_t> out;
    while (const auto s = core->advance()) {
      out.push_back(s->blind ? -s->sealed : s->sealed);
      last = *s;
      core->checked();
      if (commit)
        core->committed();
    }
    return out;
  }
  std::unique_ptr<live_aggregator> core;
  seal_record last;
  std::uint64_t seq = 0;
};
using ticks = std::vector<std::int64_t>;
constexpr std::int64_t far = 1'000'000'000;

const std::string sample = R"({"host":"a","x":5})";

} // namespace

TEST(live_aggregator_test, a_tick_is_sealed_before_the_entry_that_is_due_is_applied) {
  fixture f;
  f.offer(far, {{1'000, ""}, {1'500, sample}, {2'000, sample}}, false);
  EXPECT_EQ(f.go_on(), ticks{1});
  EXPECT_EQ(f.last.position, (log_position{1'500, 1}));
  EXPECT_EQ(f.last.begin, (log_position{1'000, 0}));
  EXPECT_TRUE(f.last.heartbeat_seen);
  EXPECT_EQ(f.core->position(), (log_position{2'000, 2}));
  EXPECT_EQ(f.core->engine().in.counts().accepted, 2u);
}

TEST(live_aggregator_test, a_sample_without_a_time_has_that_of_its_entry) {
  fixture f;
  f.offer(far, {{1'500, sample}}, false);
  f.go_on();
  EXPECT_EQ(f.core->engine().in.hosts().at(0).last_sample, 1);
}

TEST(live_aggregator_test, the_next_tick_waits_until_rules_were_checked) {
  fixture f;
  f.offer(far, {{1'000, ""}, {2'400, ""}, {2'800, sample}, {3'200, ""}}, false);
  ASSERT_TRUE(f.core->advance());
  EXPECT_FALSE(f.core->advance());
  EXPECT_EQ(f.core->engine().in.counts().accepted, 1u); // entries are applied meanwhile
  EXPECT_FALSE(f.core->wants_batch());
  f.core->checked();
  EXPECT_EQ(f.core->advance()->sealed, 2);
  f.core->checked();
  EXPECT_FALSE(f.core->advance());
  EXPECT_TRUE(f.core->wants_batch());
}

TEST(live_aggregator_test, sealing_waits_when_too_many_ticks_are_uncommitted) {
  fixture f;
  f.offer(far, {{1'000, ""}, {60'000, ""}}, false);
  EXPECT_EQ(f.go_on(false).size(), live_aggregator::uncommitted_max);
  EXPECT_FALSE(f.core->wants_batch());
  f.core->committed();
  EXPECT_EQ(f.go_on(false).size(), 1u);
}

TEST(live_aggregator_test, silence_seals_as_blind_once_the_end_was_reached) {
  fixture f;
  f.offer(1'000, {{1'000, ""}}, false);
  EXPECT_EQ(f.go_on(), ticks{});
  f.offer(1'400, {}, true);
  EXPECT_EQ(f.go_on(), ticks{});
  f.offer(2'100, {}, true);
  EXPECT_EQ(f.go_on(), ticks{-1});
  f.offer(2'200, {{2'200, sample}}, true);
  EXPECT_EQ(f.go_on(), ticks{});
  f.offer(2'650, {{2'650, sample}}, true);
  EXPECT_EQ(f.go_on(), ticks{});
  f.offer(3'000, {}, true); // due, but not silent
  EXPECT_EQ(f.go_on(), ticks{});
  f.offer(3'010, {{3'010, ""}}, true);
  EXPECT_EQ(f.go_on(), ticks{-2}); // touched by the gap before it
}

TEST(live_aggregator_test, what_cannot_be_read_is_skipped_and_counted) {
  fixture f;
  timed_batch b;
  b.log.server_time_ms = far;
  b.log.entries = {{{1'000, 0}, "c", "x"},
                   {{1'000, 1}, "", ""},
                   {{1'000, 2}, "z", "no frame"},
                   {{1'000, 3}, "s", "nonsense\n{\"host\":\"a\",\"x\":1}\n{\"host\":\"\"}"},
                   {{1'000, 4}, "s", std::string(redis::log_entry_bytes_max + 1, ' ')}};
  f.core->offer(std::make_shared<timed_batch>(std::move(b)));
  f.go_on();
  EXPECT_EQ(f.core->applied().entries_skipped, 4u);
  EXPECT_EQ(f.core->applied().lines_rejected, 2u);
  EXPECT_EQ(f.core->engine().in.counts().accepted, 1u);
  EXPECT_FALSE(f.core->last_complaint().empty());
}

TEST(live_aggregator_test, it_knows_how_long_until_the_next_tick_is_due) {
  fixture f;
  EXPECT_FALSE(f.core->due_in_ms(0));
  f.offer(1'300, {{1'300, sample}}, true);
  f.go_on();
  EXPECT_EQ(f.core->due_in_ms(1'300), 700);
  EXPECT_EQ(f.core->due_in_ms(1'900), 100);
  EXPECT_EQ(f.core->due_in_ms(2'500), 0);
  EXPECT_EQ(f.core->lag_ms(2'500), 500);
}

TEST(live_aggregator_test, it_knows_no_lag_before_it_knows_the_time) {
  recovered_partition from;
  from.engine = std::make_unique<partition_engine>(std::make_shared<partition_plan>(one_rule()));
  from.engine->clock = seal_clock::resume(from.engine->plan->grid, 9, 10'000, true);
  from.engine->in.begin(10, tick_history(10, 10));
  from.floor_ms = 10'000;
  const live_aggregator core(std::move(from));
  EXPECT_EQ(core.lag_ms(100'000'000), 0) << "a machine that has been up for a day";
}

TEST(live_aggregator_test, batches_of_any_size_give_the_events_of_a_replay_of_the_same_samples) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    dice d(seed);
    const auto s = random_settings(d);
    const auto lines = random_log(d, s, 5, 60, 1'700'000'000'000);
    std::vector<incident_event> want, got;
    file_replay replay(std::make_shared<partition_plan>(s),
                       {[&](auto& e) { want.push_back(e); }, {}, {}});
    for (const auto& l : lines)
      replay.line(l.host.empty() ? fmt::format(R"({{"heartbeat":{}}})", l.at_ms)
                                 : fmt::format(R"({{"at":{},{})", l.at_ms, json_of(l).substr(1)));
    fixture f(s);
    for (std::size_t i = 0; i < lines.size();) {
      std::vector<std::pair<std::uint64_t, std::string>> entries;
      for (auto n = d.between(1, 50); n > 0 && i < lines.size(); --n, ++i)
        entries.emplace_back(lines[i].at_ms, lines[i].host.empty() ? "" : json_of(lines[i]));
      f.offer(INT64_MAX / 4, entries, false);
      while (const auto seal = f.core->advance()) {
        auto o = f.core->engine().judge(seal->sealed, seal->forgotten, seal->check);
        const auto events = o.events();
        got.insert(got.end(), events.begin(), events.end());
        f.core->checked();
        f.core->committed();
      }
    }
    ASSERT_EQ(got, want) << "seed " << seed;
  }
}

TEST(skew_watch_test, an_early_host_is_warned_about_once_and_counted_while_it_is_off) {
  skew_watch w({1'000, 0});
  w.note("a", sample_fate::early, 1'000, 9'000);
  w.note("a", sample_fate::early, 1'100, 9'100);
  const auto found = w.take_new();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(found[0].ahead_ms, 8'000);
  EXPECT_EQ(w.count(), 1u);
  w.note("a", sample_fate::accepted, 2'000, 2'000);
  EXPECT_EQ(w.count(), 0u);
  w.note("a", sample_fate::early, 3'000, 9'000);
  EXPECT_TRUE(w.take_new().empty());
  EXPECT_EQ(w.count(), 1u);
}

TEST(skew_watch_test, a_wrong_unit_is_guessed_from_how_far_a_clock_is_off) {
  constexpr std::int64_t now = 1'796'040'000'000;
  const auto words = [&](std::int64_t ts) { return skew_watch::words(ts - now, now); };
  EXPECT_EQ(words(now / 1'000), "56 years behind (seconds instead of milliseconds?)");
  EXPECT_EQ(words(now * 1'000), "56856 years ahead (microseconds instead of milliseconds?)");
  EXPECT_EQ(words(now + 8'000), "8 seconds ahead");
  EXPECT_EQ(words(now - 5'400'000), "1.5 hours behind");
  EXPECT_EQ(words(0), "56 years behind");
}

TEST(skew_watch_test, a_late_host_is_off_only_when_nothing_was_in_time_for_three_intervals) {
  skew_watch w({1'000, 0});
  w.note("catches up", sample_fate::late, 1'000, 0);
  w.note("catches up", sample_fate::accepted, 2'000, 2'000);
  w.note("catches up", sample_fate::late, 4'500, 0);
  w.note("slow", sample_fate::late, 1'000, 0);
  w.note("slow", sample_fate::late, 3'999, 3'000);
  EXPECT_EQ(w.count(), 0u);
  w.note("slow", sample_fate::late, 4'000, 1'000);
  const auto found = w.take_new();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].ahead_ms, -3'000);
  w.note("refused", sample_fate::refused, 9'000, 0);
  EXPECT_EQ(w.count(), 1u);
}

namespace {

std::vector<recorded_tick> rows_of(tick from, tick to, tick_grid grid = {1'000, 0}) {
  std::vector<recorded_tick> rows;
  for (tick n = from; n <= to; ++n) {
    recorded_tick r;
    r.sealed = n;
    r.end_ms = grid.end_ms(n);
    r.position = {static_cast<std::uint64_t>(r.end_ms - 1), 0};
    r.begin = {static_cast<std::uint64_t>(grid.start_ms(from)), 0};
    r.grid = grid;
    r.heartbeat_seen = n >= from + 2;
    rows.push_back(r);
  }
  return rows;
}

} // namespace

TEST(plan_restore_test,
     the_log_is_read_from_before_the_longest_window_and_all_that_may_come_early) {
  const auto rows = rows_of(100, 200);
  const auto plan = plan_restore(rows, {1'000, 0}, 10, rows.front().begin);
  // The oldest tick of the next window is 192; its samples come at most from 190 on.
  EXPECT_EQ(plan.next, 191);
  EXPECT_EQ(plan.start, rows[90].position);
  EXPECT_EQ(plan.values_from, 100);
  EXPECT_TRUE(plan.heartbeat_seen);
  const auto all = plan_restore(rows, {1'000, 0}, 500, rows.front().begin);
  EXPECT_EQ(all.next, 100);
  const auto begin = static_cast<std::uint64_t>(rows.front().begin.ms);
  EXPECT_EQ(all.start, (log_position{begin - 1, UINT64_MAX})); // nothing was read before it
  EXPECT_FALSE(all.heartbeat_seen);
}

TEST(plan_restore_test, rows_of_another_grid_or_before_a_hole_are_not_followed) {
  auto rows = rows_of(100, 109);
  const auto after_hole = rows_of(120, 130);
  rows.insert(rows.end(), after_hole.begin(), after_hole.end());
  const auto plan = plan_restore(rows, {1'000, 0}, 500, rows.front().begin);
  EXPECT_EQ(plan.rows.size(), 11u);
  EXPECT_EQ(plan.next, 120);
  EXPECT_EQ(plan.start, rows[8].position); // as far before as a sample comes early
}

TEST(plan_restore_test, ticks_whose_samples_may_be_trimmed_off_are_lost) {
  const auto rows = rows_of(100, 200);
  const auto plan = plan_restore(rows, {1'000, 0}, 50, {180'500, 0});
  EXPECT_EQ(plan.values_from, 182);
}

TEST(open_record_test, what_the_hash_of_open_incidents_holds_is_read_back) {
  incident_event e;
  e.id = "x";
  e.host = "h \"1\"";
  e.about = one_rule().rules[0];
  e.about.compare = operand::equal_or_less_than;
  e.about.threshold = -0.1;
  e.trigger_value = 1e300;
  for (const std::int64_t start :
       {std::int64_t{0}, std::int64_t{1'700'000'000'123}, std::int64_t{8'640'000'000'000'000}}) {
    e.start_ms = start;
    const auto r = read_open_record(json_of_open(e));
    ASSERT_TRUE(r.ok()) << r.failure().message;
    EXPECT_EQ(r->host, e.host);
    EXPECT_EQ(r->about, e.about);
    EXPECT_EQ(r->start_ms, start);
    EXPECT_EQ(r->trigger_value, 1e300);
    EXPECT_EQ(r->annotations, "");
  }
  e.about.labels = {{"severity", "page"}, {"team", "\"ü\""}};
  e.about.annotations = {{"summary", "{{hostName}} \n"}};
  const auto r = read_open_record(json_of_open(e));
  ASSERT_TRUE(r.ok()) << r.failure().message;
  EXPECT_EQ(r->about.labels, e.about.labels);
  EXPECT_EQ(r->annotations, R"({"summary":"h \"1\" \n"})");
  for (const auto* bad :
       {"", "{}", "[]", R"({"ruleName":"r","hostName":"h","startTime":"yesterday"})"})
    EXPECT_FALSE(read_open_record(bad).ok()) << bad;
}

TEST(open_record_test, pairs_and_times_are_read_back) {
  EXPECT_EQ(read_cooldown_field(cooldown_field("a\"]", "h\n")),
            (std::pair<std::string, std::string>("a\"]", "h\n")));
  for (const auto* bad : {"", "[]", "{}", R"(["a"])", R"(["a","b","c"])"})
    EXPECT_FALSE(read_cooldown_field(bad)) << bad;
  for (const std::int64_t ms :
       {std::int64_t{0}, std::int64_t{951'782'400'000}, std::int64_t{253'402'300'800'000}})
    EXPECT_EQ(read_iso_time(iso_time(ms)), ms);
  for (const auto* bad :
       {"", "2023-02-29T00:00:00.000Z", "2023-01-01T00:00:00.000", "2023-01-01T00:00:00.000Zx"})
    EXPECT_FALSE(read_iso_time(bad)) << bad;
}

} // namespace tocsin::live_aggregator_test
