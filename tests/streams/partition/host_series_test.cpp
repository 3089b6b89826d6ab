#include "streams/partition/host_series.hpp"

#include "streams/partition/cluster_past.hpp"
#include "streams/partition/held_past.hpp"
#include "tests/support/partition_owner.hpp"
#include "tests/support/redis_fixture.hpp"

#include <algorithm>

namespace tocsin::host_series_test {

using namespace test;

namespace {

constexpr std::int64_t begin_ms = 1'700'000'000'000;
const redis::partition_keys keys("tocsin", "0");

/// All there is, but for the last bits of sums, which depend on how they were added up.
std::string text_of(series_steps steps, const series_frame& frame, tick from,
                    const std::vector<std::string>& names) {
  steps.know_from(from);
  auto out = steps.json(names);
  out.erase(0, out.find("\"blind\""));
  for (std::size_t f = 0; f < names.size(); ++f, out += '\n')
    for (auto i = (steps.first() - frame.first) / frame.step_ticks;
         i < static_cast<tick>(frame.steps()); ++i)
      if (const auto& t = steps.at(f, static_cast<std::size_t>(i)); t.count > 0)
        out += fmt::format(" {}: {} {:.9g} {} {}", i, t.count, t.sum, t.min, t.max);
  return out;
}

/// Whole answers of what an engine holds.
host_series ask(host_series::question q, const intake& in, const host_history& past,
                const cluster_history& all = cluster_history()) {
  host_series out(std::move(q));
  while (!out.step(in, past, all))
    ;
  return out;
}

} // namespace

class host_series_test : public redis_test {
protected:
  /// Evaluates the lines as they stand in the log; after some seals asks about hosts, and compares
  /// with what the log says of the same ticks.
  void evaluate(const settings& s, const std::vector<naive_line>& lines, dice& d) {
    write_log(c, keys.samples, lines, dice(d.word()));
    partition_owner owner(c, keys, s);
    owner.on_seal = [&](const partition_engine& e) {
      const auto n = e.in.next() - 1;
      compare_with_log(s); // which knows the tick before by now
      const auto places = fields->places(e.in.fields());
      cluster_tally tally;
      tally.begin(n, e.in.history().blind(n));
      past.begin(n, e.in, places);
      compare_held(e.in, d);
      tally.step(e.in, places, SIZE_MAX, &past);
      fields->push(e.in.grid(), tally.totals(), e.in);
      compare_held(e.in, d);
      if (d.percent(30))
        ask_something(e.in, d);
    };
    owner.start();
    ASSERT_FALSE(HasFatalFailure());
    const auto& in = owner.core().engine().in;
    past.enter(in, fields->places(in.fields()));
    ask_something(in, d);
    ASSERT_TRUE(owner.read());
    compare_with_log(s);
    past.leave(in);
  }

  /// Tick by tick memory says what the windows say, and before them what a series of one tick each
  /// does.
  void compare_held(const intake& in, dice& d) {
    const auto host = fmt::format("host-{}", d.below(6));
    const auto name = d.one_of(scenario_fields);
    const auto h = in.hosts().find(host);
    const auto f = in.fields().find(name);
    if (!h || !f)
      return;
    const auto& grid = in.grid();
    const auto to = in.next() - 1, from = to - 60;
    const auto held = held_past(in, past, *f, *h, from, to);
    const auto windows = read_past(in, *f, *h, from, to);
    ASSERT_EQ(windows.first, held.first);
    ASSERT_LE(held.from, windows.from);
    ASSERT_EQ(to, held.to());
    ASSERT_EQ(held.values.size(), held.blind.size());
    for (auto n = windows.from; n <= to; ++n)
      ASSERT_TRUE(same(windows.values[static_cast<std::size_t>(n - windows.from)],
                       held.values[static_cast<std::size_t>(n - held.from)]));
    const auto series = ask({host, {name}, grid.start_ms(from), grid.end_ms(to), grid.interval_ms},
                            in, past, *fields);
    for (auto n = std::max(held.from, series.known_from()); n < windows.from; ++n, ++held_ticks) {
      const auto i = static_cast<std::size_t>(n - held.from);
      const auto& said = series.steps().at(0, static_cast<std::size_t>(n - series.frame().first));
      ASSERT_TRUE(same(said.count == 0 ? std::nan("") : said.sum, held.values[i]))
          << host << ' ' << name << ", tick " << n << " of " << to;
      ASSERT_EQ(in.history().blind(n), held.blind[i]);
    }
  }

  static bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

  void ask_something(const intake& in, dice& d) {
    const auto& grid = in.grid();
    const auto to = (in.next() + d.between(-30, 5)) * grid.interval_ms;
    host_series::question q{fmt::format("host-{}", d.below(6)),
                            {},
                            to - d.between(1, 60) * grid.interval_ms,
                            to,
                            d.between(1, 5) * grid.interval_ms};
    for (const auto& f : scenario_fields)
      if (d.percent(40))
        q.fields.push_back(f);
    if (q.fields.empty() || d.percent(5))
      q.fields.push_back("no.such");
    asked_ = q;
    told_ = ask(std::move(q), in, past, *fields);
  }

  void compare_with_log(const settings& s) {
    const auto q = std::exchange(asked_, std::nullopt);
    if (!q || told_->known_from() > told_->frame().last)
      return;
    const auto& frame = told_->frame();
    const auto watched = partition_plan(s).rules.watched();
    scan_want want{{}, false, q->host, partition_plan(s).bounds};
    for (const auto& name : q->fields) {
      want.fields.push_back({name, 2});
      for (const auto& w : watched)
        if (w.name == name || (w.name == "requests.latency_avg" &&
                               (name == "requests.count" || name == "requests.latency_sum")))
          want.fields.back().window_ticks =
              std::max(want.fields.back().window_ticks, w.window_ticks);
    }
    auto scan = log_scan::open(c, keys, frame.grid, want, frame.grid.start_ms(frame.first),
                               frame.grid.start_ms(frame.last));
    ASSERT_TRUE(scan.ok());
    ASSERT_EQ(scan->last(), frame.last);
    const auto from = scan->first();
    std::vector<cluster_history::row> rows;
    const auto places = [&](const field_table& t) {
      cluster_tally::places out(t.size());
      for (std::size_t i = 0; i < q->fields.size(); ++i)
        if (const auto f = t.find(q->fields[i]))
          out[*f] = i;
      return out;
    };
    const auto end = read_totals(
        c, *scan, from, frame.last, places, [] { return true; }, rows);
    ASSERT_TRUE(end.ok() && *end == scan_end::whole);
    series_steps read(frame, q->fields.size());
    for (const auto& row : rows) {
      for (std::size_t f = 0; f < q->fields.size(); ++f)
        read.add(f, row.at, row.places[f]);
      if (row.blind)
        read.note_blind(row.at);
    }
    const auto known = std::max(from, told_->known_from());
    ASSERT_EQ(text_of(told_->steps(), frame, known, q->fields),
              text_of(read, frame, known, q->fields))
        << q->host << " from tick " << known << " to " << frame.last;
    ++compared;
    whole += told_->known_from() <= from;
    far += told_->known_from() < frame.last - past.recent_ticks() - 8;
  }

  host_history past;
  std::optional<cluster_history> fields{std::in_place};
  int compared = 0, whole = 0, far = 0; // far: beyond what is held tick by tick
  int held_ticks = 0;                   // behind the windows

private:
  std::optional<host_series::question> asked_;
  std::optional<host_series> told_;
};

namespace {

/// The same with ticks so many times as long: no minute has more than two, and so few are held one
/// by one that late values may come further back. Hosts are remembered for longer.
settings with_long_ticks(settings s, std::int64_t times) {
  for (auto* ms : {&s.interval_ms, &s.grace_ms, &s.watcher_interval_ms, &s.host_expiry_ms})
    *ms *= times;
  s.host_expiry_ms *= 10;
  for (auto& r : s.rules) {
    r.timeframe_ms *= times;
    r.cooldown_ms *= times;
  }
  return s;
}

} // namespace

TEST_F(host_series_test, memory_says_what_the_log_says_of_a_host) {
  for (std::uint64_t seed = 1; seed <= 80 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SetUp();
    dice d(seed);
    auto s = random_settings(d);
    const bool by_the_minute = d.percent(50);
    if (by_the_minute)
      s = with_long_ticks(s, d.percent(60) ? 30 : 90);
    // Some of a few ticks only.
    past = by_the_minute || d.percent(50) ? host_history() : host_history(std::size_t{600} << 10);
    auto lines = random_log(d, s, 6, 120, begin_ms);
    // Another engine goes on, with what the first one held or, after a restart, without.
    auto cut = lines.begin() + d.between(1, static_cast<std::int64_t>(lines.size()) - 2);
    while (cut + 1 != lines.end() && std::prev(cut)->at_ms == cut->at_ms)
      ++cut;
    fields.emplace();
    evaluate(s, {lines.begin(), cut}, d);
    if (d.percent(50)) {
      past = host_history();
      fields.emplace();
    }
    std::rotate(s.rules.begin(), s.rules.begin() + 1, s.rules.end());
    evaluate(s, {cut, lines.end()}, d);
  }
  EXPECT_GT(compared, 600);
  EXPECT_GT(whole, 300);
  EXPECT_GT(far, 100);
  EXPECT_GT(held_ticks, 10'000);
}

namespace {

/// An engine's windows on some fields.
struct windows {
  explicit windows(std::int64_t ticks)
      : in({1'000, 0}, {64, 16, 100'000'000}, std::vector<watched_field>{{"x", ticks}}) {
    in.begin(1'700'000'000);
  }
  void report(std::string_view host, double value) {
    const field_value values[] = {{"x", value}, {"y", value}};
    in.apply({host, in.next() * 1'000, true, false, {}, values},
             {static_cast<std::uint64_t>(in.next() * 1'000), 0});
  }
  host_series::question question(std::string host, std::string field, std::int64_t ticks) const {
    return {std::move(host), {std::move(field)}, (in.next() - ticks) * 1'000, in.next() * 1'000, 1};
  }

  intake in;
  host_history past{0};
};

} // namespace

TEST_F(host_series_test, a_tick_that_is_sealed_between_two_steps_is_in_what_it_says) {
  windows w(20'000);
  for (int i = 0; i < 20'000; ++i) {
    w.report("a", i);
    w.in.seal(false);
  }
  auto q = w.question("a", "x", 18'000);
  q.to_ms += 10'000;
  q.step_ms = 20'000;
  host_series series(q);
  ASSERT_FALSE(series.step(w.in, w.past, cluster_history()));
  w.report("a", 20'000);
  w.in.seal(false);
  int steps = 0;
  while (!series.step(w.in, w.past, cluster_history()))
    ++steps;
  EXPECT_GT(steps, 2);
  EXPECT_EQ(series.newest(), w.in.next() - 1);
  EXPECT_EQ(series.known_from(), series.frame().first);
  EXPECT_EQ(series.steps().at(0, series.frame().steps() - 1).max, 20'000);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < series.frame().steps(); ++i)
    count += series.steps().at(0, i).count;
  EXPECT_EQ(count, static_cast<std::uint64_t>(series.frame().last - series.frame().first + 1));
}

TEST_F(host_series_test, nothing_is_known_from_before_a_host_was_or_beyond_the_windows) {
  windows w(10);
  for (int i = 0; i < 20; ++i) {
    w.report("a", i);
    if (i >= 15)
      w.report("b", i);
    w.in.seal(false);
  }
  const auto next = w.in.next();
  const auto known = [&](const char* host, const char* field) {
    const auto s = ask(w.question(host, field, 30), w.in, w.past);
    return s.known_from() > s.frame().last ? 0 : next - s.known_from();
  };
  EXPECT_EQ(known("a", "x"), 10);
  EXPECT_EQ(known("a", "y"), 2);  // nobody looks at it
  EXPECT_EQ(known("a", "z"), 20); // it never had it
  EXPECT_EQ(known("b", "x"), 5);
  EXPECT_EQ(known("c", "x"), 0);
  EXPECT_EQ(ask(w.question("a", "x", 30), windows(10).in, w.past).newest(), tick_min);
}

} // namespace tocsin::host_series_test
