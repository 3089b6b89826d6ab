#include "streams/partition/cluster_past.hpp"

#include "tests/support/partition_owner.hpp"
#include "tests/support/redis_fixture.hpp"

#include <cmath>

namespace tocsin::cluster_history_test {

using namespace test;

namespace {

constexpr tick_grid grid{10'000, 1'000};

cluster_history::row row_of(tick n, double sum = 1) {
  cluster_history::row r{n, false, {}};
  r.places[0] = {1, sum, sum, sum};
  return r;
}

const intake& nothing() {
  static intake in(grid, {10, 10, 3'600'000}, {});
  return in;
}

// Everything of a row but for the last bits of its sums, which depend on the order of the hosts.
std::string text_of(const cluster_history::row& r) {
  auto out = fmt::format("{}{}:", r.at, r.blind ? " blind" : "");
  for (const auto& t : r.places)
    out += t.count == 0 ? " -" : fmt::format(" {} {:.9g} {} {}", t.count, t.sum, t.min, t.max);
  return out;
}

} // namespace

TEST(cluster_history_test, ticks_follow_each_other_and_a_hole_begins_it_anew) {
  cluster_history h;
  EXPECT_FALSE(h.last());
  for (tick n = 100; n < 110; ++n)
    h.push(grid, row_of(n), nothing());
  EXPECT_EQ(h.reach().first, 100);
  EXPECT_EQ(h.reach().last, 109);
  EXPECT_EQ(h.rows(0, 1'000).size(), 10u);
  EXPECT_EQ(h.rows(105, 1'000).front().at, 105);
  EXPECT_EQ(h.rows(0, 105).back().at, 105);
  EXPECT_TRUE(h.rows(200, 300).empty());
  h.push(grid, row_of(111), nothing());
  EXPECT_EQ(h.reach().first, 111);
  h.push({5'000, 1'000}, row_of(112), nothing());
  EXPECT_EQ(h.reach().first, 112);
  ASSERT_TRUE(h.last());
  EXPECT_EQ(h.last()->grid.interval_ms, 5'000);
  ASSERT_EQ(h.last()->fields.size(), 1u);
  EXPECT_EQ(h.last()->fields[0].field, "cpu.usage");
}

TEST(cluster_history_test, it_keeps_five_hours_or_1800_ticks_and_a_tenth_but_no_more_than_4096) {
  for (const auto& [interval, ticks] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {100, 4'096}, {10'000, 1'980}, {60'000, 1'980}}) {
    cluster_history h;
    for (tick n = 1; n <= 5'000; ++n)
      h.push({interval, 0}, row_of(n), nothing());
    EXPECT_EQ(h.reach().ticks, ticks);
    EXPECT_EQ(h.reach().first, 5'001 - ticks);
    EXPECT_EQ(h.reach().last, 5'000);
  }
}

TEST(cluster_history_test, rows_of_the_log_go_before_and_behind_what_is_there) {
  cluster_history h;
  h.push(grid, row_of(100), nothing());
  h.put(grid, {row_of(97), row_of(98), row_of(99), row_of(100, 7)});
  EXPECT_EQ(h.reach().first, 97);
  EXPECT_EQ(h.rows(100, 100)[0].places[0].sum, 1);
  h.put(grid, {row_of(90)}); // not next to it
  EXPECT_EQ(h.reach().first, 97);
  h.put(grid, {row_of(100, 7), row_of(101), row_of(102)}, true);
  EXPECT_EQ(h.reach().last, 102);
  EXPECT_EQ(h.rows(100, 100)[0].places[0].sum, 7);
  h.put({1'000, 0}, {row_of(103)});
  EXPECT_EQ(h.reach().last, 102);
  h.push(grid, row_of(102, 8), nothing()); // sealed by an engine that took over
  EXPECT_EQ(h.rows(102, 102)[0].places[0].sum, 8);
  EXPECT_EQ(h.reach().first, 97);
  std::vector<cluster_history::row> many;
  for (tick n = 97 - 2'000; n < 97; ++n)
    many.push_back(row_of(n));
  h.put(grid, many);
  EXPECT_EQ(h.reach().last, 102); // full: the newest stay
  EXPECT_EQ(h.reach().first, 103 - 1'980);
}

TEST(cluster_history_test, it_says_where_the_past_begins_once_it_reaches_so_far_back) {
  cluster_history h;
  h.push(grid, row_of(100), nothing());
  EXPECT_FALSE(h.begins());
  h.note_beginning({97, true});
  EXPECT_FALSE(h.begins());
  h.put(grid, {row_of(97), row_of(98), row_of(99)});
  ASSERT_TRUE(h.begins());
  EXPECT_EQ(h.begins()->at, 97);
  EXPECT_TRUE(h.begins()->of_all);
  for (tick n = 101; n <= 97 + 1'980; ++n)
    h.push(grid, row_of(n), nothing());
  EXPECT_FALSE(h.begins()); // what is older has gone
  h.note_beginning({1'000, false});
  ASSERT_TRUE(h.begins());
  EXPECT_FALSE(h.begins()->of_all);
  h.push({5'000, 1'000}, row_of(3'000), nothing());
  EXPECT_FALSE(h.begins());
}

TEST(cluster_history_test, documented_fields_have_places_before_all_others_and_32_have_one) {
  cluster_history h;
  field_table fields(100);
  for (int i = 0; i < 40; ++i)
    fields.add(fmt::format("app.{}", i));
  fields.add("cpu.usage");
  const auto places = h.places(fields);
  EXPECT_EQ(places[0], 12u);
  EXPECT_EQ(places[19], 31u);
  EXPECT_FALSE(places[20]);
  EXPECT_EQ(places[40], 0u);
  EXPECT_EQ(h.place_of("uptime"), 11u);
  EXPECT_EQ(h.place_of("app.3"), 15u);
  EXPECT_FALSE(h.place_of("app.30"));
}

class cluster_past_test : public redis_test {};

TEST_F(cluster_past_test, live_and_from_the_log_all_hosts_reported_what_they_reported) {
  const redis::partition_keys keys("tocsin", "0");
  for (std::uint64_t seed = 1; seed <= 30 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SetUp();
    dice d(seed);
    auto s = random_settings(d);
    s.rules.clear(); // then all fields reach as far back
    for (const auto& f : scenario_fields) {
      rule r;
      r.name = f;
      r.field = f;
      r.timeframe_ms = (log_scan::late_ticks + 1) * s.interval_ms;
      s.rules.push_back(r);
    }
    write_log(c, keys.samples, random_log(d, s, 30, 80, 1'700'000'000'000), dice(seed));
    cluster_history live;
    partition_owner owner(c, keys, s);
    owner.on_seal = [&](const partition_engine& e) {
      const auto n = e.in.next() - 1;
      cluster_tally tally;
      tally.begin(n, e.in.history().blind(n));
      const auto places = live.places(e.in.fields());
      while (!tally.step(e.in, places, 2))
        ;
      live.push(e.in.grid(), tally.totals(), e.in);
      // The same, value by value.
      value_total cpu;
      const auto f = e.in.fields().find("cpu.usage");
      for (host_index h = 0; f && h < e.in.hosts().extent(); ++h)
        if (const double v = value_of(e.in, h, *f, n); !std::isnan(v))
          cpu.add(v);
      EXPECT_EQ(live.last()->at, n);
      EXPECT_EQ(live.rows(n, n)[0].places[0].count, cpu.count);
      EXPECT_EQ(live.rows(n, n)[0].places[0].min, cpu.min);
      EXPECT_EQ(live.rows(n, n)[0].places[0].max, cpu.max);
      EXPECT_NEAR(live.rows(n, n)[0].places[0].sum, cpu.sum, 1e-9);
    };
    owner.start();
    ASSERT_TRUE(!HasFatalFailure() && owner.read());

    scan_want want;
    for (const auto& f : live.fields())
      want.fields.push_back({f, log_scan::late_ticks + 1});
    want.bounds = partition_plan(s).bounds;
    auto scan = log_scan::open(c, keys, {s.interval_ms, s.grace_ms}, want, 0, INT64_MAX / 8);
    ASSERT_TRUE(scan.ok());
    cluster_history read;
    std::vector<cluster_history::row> rows;
    const auto go_on = [] { return true; };
    const auto places = [&](const field_table& t) { return live.places(t); };
    auto end = read_totals(c, *scan, scan->first(), scan->last(), places, go_on, rows);
    ASSERT_TRUE(end.ok() && *end == scan_end::whole);
    read.put(scan->newest() < 0 ? grid : tick_grid{s.interval_ms, s.grace_ms}, rows);
    ASSERT_EQ(read.reach().first, live.reach().first);
    ASSERT_EQ(read.reach().last, live.reach().last);
    const auto got = read.rows(0, INT64_MAX / 8), all = live.rows(0, INT64_MAX / 8);
    for (std::size_t i = 0; i < all.size(); ++i)
      ASSERT_EQ(text_of(got[i]), text_of(all[i]));
  }
}

} // namespace tocsin::cluster_history_test
