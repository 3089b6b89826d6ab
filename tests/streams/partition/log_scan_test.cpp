#include "streams/partition/log_scan.hpp"

#include "tests/support/partition_owner.hpp"
#include "tests/support/redis_fixture.hpp"

#include <map>

namespace tocsin::log_scan_test {

using namespace test;

namespace {

constexpr std::int64_t begin_ms = 1'700'000'000'000;
const redis::partition_keys keys("tocsin", "0");
const auto on = [] { return true; };

/// What windows that end at a tick hold of the ticks from `from` on: by host, then by field.
using windows = std::map<std::string, std::map<std::string, std::string>>;

windows windows_of(const intake& in, tick sealed, tick from,
                   std::span<const watched_field> watched) {
  windows out;
  for (host_index h = 0; h < in.hosts().extent(); ++h)
    for (const auto& w : watched)
      for (auto n = std::max(from, sealed - w.window_ticks + 1); n <= sealed; ++n)
        if (const auto f = in.fields().find(w.name); in.hosts().at(h).known && f)
          if (const double v = value_of(in, h, *f, n); v == v)
            out[in.hosts().name(h)][w.name] += fmt::format(" {}={}", n, v);
  return out;
}

} // namespace

class log_scan_test : public redis_test {
protected:
  /// Evaluates what stands in the log, live; keeps which hosts were known at each seal.
  void evaluate(const settings& s) {
    partition_owner owner(c, keys, s);
    owner.on_seal = [&](const partition_engine& e) {
      const auto n = e.in.next() - 1;
      for (host_index h = 0; h < e.in.hosts().extent(); ++h)
        if (e.in.hosts().at(h).known)
          known[n].insert(e.in.hosts().name(h));
      const auto watched = e.plan->rules.watched();
      for (tick from = n - 8; from <= n; ++from)
        live[{n, from}] = windows_of(e.in, n, from, watched);
      live[{n, 0}] = windows_of(e.in, n, 0, watched);
      blind[n] = e.in.history().blind(n);
    };
    owner.start();
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_TRUE(owner.read());
    const auto& in = owner.core().engine().in;
    for (host_index h = 0; h < in.hosts().extent(); ++h)
      if (in.hosts().at(h).known)
        since[in.hosts().name(h)] = in.hosts().at(h).since;
  }
  scan_want want_of(const settings& s) {
    const partition_plan plan(s);
    const auto watched = plan.rules.watched();
    scan_want want;
    want.fields.assign(watched.begin(), watched.end());
    want.bounds = plan.bounds;
    return want;
  }
  log_scan open(const settings& s, scan_want want, std::int64_t from_ms = 0,
                std::int64_t to_ms = INT64_MAX / 8) {
    auto scan =
        log_scan::open(c, keys, {s.interval_ms, s.grace_ms}, std::move(want), from_ms, to_ms);
    EXPECT_TRUE(scan.ok()) << scan.failure().message;
    return std::move(*scan);
  }
  void small_log(const settings& s, std::int64_t ticks, std::int64_t hosts = 2) {
    std::vector<naive_line> lines;
    for (std::int64_t n = 0; n < ticks; ++n)
      for (std::int64_t h = 0; h < hosts; ++h) {
        const auto at = begin_ms + n * s.interval_ms + 10 + h;
        lines.push_back({at,
                         fmt::format("host-{}", h),
                         at,
                         false,
                         {{"cpu.usage", static_cast<double>(n)}, {"mem.usage", 1}}});
      }
    lines.push_back({begin_ms + ticks * s.interval_ms + s.grace_ms, {}, {}, false, {}});
    write_log(c, keys.samples, lines, dice(1));
  }

  std::map<tick, std::set<std::string>> known;
  std::map<std::pair<tick, tick>, windows> live; // by newest tick and the first looked at
  std::map<tick, bool> blind;
  std::map<std::string, log_position> since;
};

TEST_F(log_scan_test, a_scan_from_the_beginning_has_the_windows_of_the_live_engine_at_every_seal) {
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SetUp();
    live.clear();
    known.clear();
    blind.clear();
    dice d(seed);
    const auto s = random_settings(d);
    write_log(c, keys.samples, random_log(d, s, 6, 80, begin_ms), dice(seed + 500));
    evaluate(s);
    auto scan = open(s, want_of(s));
    ASSERT_EQ(scan.first(), blind.begin()->first);
    ASSERT_EQ(scan.last(), blind.rbegin()->first);
    const auto watched = partition_plan(s).rules.watched();
    const std::vector<watched_field> fields(watched.begin(), watched.end());
    auto expected = scan.first();
    const auto end = scan.read(
        c, scan.first(), scan.last(),
        [&](const intake& in, tick n) {
          ASSERT_EQ(n, expected++);
          ASSERT_EQ(windows_of(in, n, 0, fields), (live[{n, 0}])) << "tick " << n;
          ASSERT_EQ(in.history().blind(n), blind[n]);
          ASSERT_EQ(scan.blind(n), blind[n]);
        },
        on);
    ASSERT_TRUE(end.ok() && *end == scan_end::whole);
    ASSERT_EQ(expected, scan.last() + 1);
  }
}

TEST_F(log_scan_test, a_part_of_a_log_has_the_values_of_the_live_engine_for_one_host_and_for_all) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SetUp();
    live.clear();
    known.clear();
    blind.clear();
    since.clear();
    dice d(seed);
    const auto s = random_settings(d);
    write_log(c, keys.samples, random_log(d, s, 6, 80, begin_ms), dice(seed + 500));
    evaluate(s);
    const auto watched = partition_plan(s).rules.watched();
    const std::vector<watched_field> fields(watched.begin(), watched.end());
    for (const auto* host : {"", "host-1", "host-4"}) {
      auto want = want_of(s);
      if (*host)
        want.host = host;
      auto scan = open(s, want);
      const auto from = d.between(scan.first(), scan.last());
      const auto to = d.between(from, scan.last());
      std::set<std::string> always; // known from before `from` until now: the registry tells of it
      for (const auto& name : known[std::max(scan.first(), from - 8)])
        if (since.contains(name) &&
            since[name].ms < static_cast<std::uint64_t>((from - 8) * s.interval_ms) &&
            (!*host || name == host))
          always.insert(name);
      const auto end = scan.read(
          c, from, to,
          [&](const intake& in, tick n) {
            const auto got = windows_of(in, n, from, fields);
            auto all = live[{n, std::max(from, n - 8)}];
            compared += always.size();
            for (const auto& name : always)
              ASSERT_EQ(got.contains(name) ? got.at(name) : windows::mapped_type{}, all[name])
                  << name << " at tick " << n << " of " << from << " to " << to;
            if (*host) {
              ASSERT_LE(in.hosts().size(), 1u);
            }
          },
          on);
      ASSERT_TRUE(end.ok() && *end == scan_end::whole);
    }
  }
  EXPECT_GT(compared, 1'000u);
}

TEST_F(log_scan_test, late_values_come_as_patches_of_the_tick_in_which_they_arrived) {
  settings s;
  s.interval_ms = 1'000;
  s.grace_ms = 0;
  std::vector<naive_line> lines;
  for (std::int64_t n = 0; n < 60; ++n) {
    const auto at = begin_ms + n * 1'000 + 10;
    if (n < 20 || n >= 40)
      lines.push_back({at, "web-1", at, false, {{"cpu.usage", static_cast<double>(n)}}});
    else
      lines.push_back({at, "web-2", at, false, {{"cpu.usage", 1}}});
    if (n == 45)
      for (std::int64_t late = 20; late < 40; ++late)
        lines.push_back({at + 1,
                         "web-1",
                         begin_ms + late * 1'000,
                         false,
                         {{"cpu.usage", static_cast<double>(late)}}});
  }
  write_log(c, keys.samples, lines, dice(1));
  evaluate(s);
  scan_want want{{{"cpu.usage", log_scan::late_ticks}}, false, "web-1", partition_plan(s).bounds};
  auto scan = open(s, want, begin_ms + 25'000, begin_ms + 29'999);
  ASSERT_EQ(scan.last() - scan.first(), 4);
  std::map<tick, double> values;
  const auto end = scan.read(
      c, scan.first(), std::min(scan.newest(), scan.last() + log_scan::late_ticks),
      [&](const intake& in, tick n) {
        const auto cpu = *in.fields().find("cpu.usage");
        if (const auto h = in.hosts().find("web-1")) {
          if (const double v = value_of(in, *h, cpu, n); v == v)
            values[n] = v;
          for (const auto& p : in.ring().patches(0))
            if (p.field == cpu)
              values[p.at] = p.value;
        }
      },
      on);
  ASSERT_TRUE(end.ok() && *end == scan_end::whole);
  for (auto n = scan.first(); n <= scan.last(); ++n)
    EXPECT_EQ(values[n], static_cast<double>(n - begin_ms / 1'000));
}

TEST_F(log_scan_test, the_past_begins_where_the_log_does) {
  settings s;
  s.interval_ms = 1'000;
  small_log(s, 40);
  evaluate(s);
  const auto whole = open(s, want_of(s));
  EXPECT_EQ(whole.first(), begin_ms / 1'000);
  EXPECT_TRUE(whole.from_the_beginning());
  EXPECT_TRUE(open(s, want_of(s), begin_ms).from_the_beginning());
  for (const std::int64_t later_ms : {1'000, 2'000, 20'000})
    EXPECT_FALSE(open(s, want_of(s), begin_ms + later_ms).from_the_beginning());
  // Entries of the first 20 seconds go.
  run(fmt::format("XTRIM {} MINID {}", keys.samples, begin_ms + 20'000));
  auto scan = open(s, scan_want{{{"cpu.usage", 2}}, false, {}, partition_plan(s).bounds});
  EXPECT_GT(scan.first(), begin_ms / 1'000 + 20);
  EXPECT_LT(scan.first(), begin_ms / 1'000 + 26);
  EXPECT_FALSE(scan.from_the_beginning());
  std::int64_t seen = 0;
  const auto end = scan.read(
      c, scan.first(), scan.last(),
      [&](const intake& in, tick n) {
        for (const auto* name : {"host-0", "host-1"})
          seen += value_of(in, *in.hosts().find(name), *in.fields().find("cpu.usage"), n) ==
                  static_cast<double>(n - begin_ms / 1'000);
      },
      on);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(*end, scan_end::whole);
  EXPECT_EQ(seen, 2 * (scan.last() - scan.first() + 1));
  // It is cut off further while it is read.
  run(fmt::format("XTRIM {} MINID {}", keys.samples, begin_ms + 30'000));
  const auto cut = scan.read(
      c, scan.first(), scan.last(), [](auto&, auto) {}, on);
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ(*cut, scan_end::trimmed);
  run(fmt::format("DEL {}", keys.samples));
  const auto nothing = open(s, want_of(s));
  EXPECT_LT(nothing.last(), nothing.first());
  EXPECT_FALSE(nothing.from_the_beginning());
}

TEST_F(log_scan_test, a_changed_interval_ends_the_past) {
  settings s;
  s.interval_ms = 1'000;
  small_log(s, 20);
  evaluate(s);
  auto changed = s;
  changed.interval_ms = 2'000;
  const auto other = open(changed, want_of(s));
  EXPECT_LT(other.last(), other.first());
}

TEST_F(log_scan_test, it_stops_when_it_is_told_to_and_when_it_takes_too_much) {
  settings s;
  s.interval_ms = 1'000;
  small_log(s, 40);
  evaluate(s);
  auto scan = open(s, scan_want{{{"cpu.usage", 2}}, false, {}, partition_plan(s).bounds});
  int asked = 0;
  auto end = scan.read(
      c, scan.first(), scan.last(), [](auto&, auto) {}, [&] { return ++asked < 9; });
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(*end, scan_end::stopped);
  auto small = open(s, scan_want{{{"cpu.usage", 2}}, false, {}, partition_plan(s).bounds, 1'000});
  end = small.read(
      c, small.first(), small.last(), [](auto&, auto) {}, on);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(*end, scan_end::too_large);
  EXPECT_EQ(run("PING").text, "PONG"); // the connection is free again
}

} // namespace tocsin::log_scan_test
