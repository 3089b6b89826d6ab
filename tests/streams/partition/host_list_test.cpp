#include "streams/partition/host_list.hpp"

#include "streams/partition/cluster_tally.hpp"
#include "streams/partition/host_detail.hpp"
#include "streams/window/exact_sum.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace tocsin::host_list_test {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr tick first = 100;

rule last_of(const char* field, double threshold, std::int64_t timeframe_ms) {
  rule r;
  r.name = std::string(field) + " is high";
  r.field = field;
  r.aggregate = aggregation::last;
  r.threshold = threshold;
  r.timeframe_ms = timeframe_ms;
  return r;
}

settings of(rule_set rules) {
  settings s;
  s.interval_ms = s.watcher_interval_ms = 1'000;
  s.grace_ms = 0;
  s.hosts_max = 5'000;
  s.fields_max = 16;
  s.rules = std::move(rules);
  return s;
}

struct shown {
  std::string name, labels;
  tick last_sample;
  bool silent;
  std::size_t open;
  std::vector<double> values;
};

struct fixture {
  explicit fixture(rule_set rules = {last_of("x", 1e9, 30'000), last_of("y", 1e9, 30'000)})
      : engine(std::make_shared<partition_plan>(of(std::move(rules)))) {
    engine.in.begin(first);
  }
  void report(std::string_view host, std::vector<field_value> values,
              std::string_view labels = {}) {
    sample_view s;
    s.host = host;
    s.ts_ms = engine.in.grid().start_ms(engine.in.next());
    s.labels = labels;
    s.values = values;
    engine.in.apply(s);
  }
  void seal() {
    const auto n = engine.in.next();
    engine.judge(n, engine.in.seal(false));
  }
  /// All steps, with `between` after each.
  template <class F>
  std::vector<shown> ask(host_list_question q, F between) {
    std::vector<shown> out;
    host_list list(std::move(q), {.begin = [&] { out.clear(); },
                                  .row =
                                      [&](const host_row& r) {
                                        out.push_back({std::string(r.name), std::string(r.labels),
                                                       r.last_sample, r.silent, r.open, r.values});
                                      }});
    steps = 0;
    while (!list.step(engine, past)) {
      ++steps;
      between();
    }
    total = list.total();
    matched = list.matched();
    silent = list.silent();
    total_silent = list.total_silent();
    span_ticks = list.span_ticks();
    newest = list.newest();
    return out;
  }
  std::vector<shown> ask(host_list_question q) {
    return ask(std::move(q), [] {});
  }
  std::string names(host_list_question q) {
    std::string out;
    for (const auto& row : ask(std::move(q)))
      out += row.name + ' ';
    return out;
  }
  partition_engine engine;
  host_history past; // nothing, as long as nobody fills it
  std::size_t total = 0, matched = 0, silent = 0, total_silent = 0, steps = 0;
  std::int64_t span_ticks = 0;
  tick newest = 0;
};

using order = host_list_question::order;
using state = host_list_question::state;

double naive(const std::vector<double>& v, aggregation what) {
  exact_sum sum;
  double least = none, greatest = none, last = none, count = 0;
  for (const double x : v) {
    if (std::isnan(x))
      continue;
    sum.add(x);
    least = std::isnan(least) ? x : std::min(least, x);
    greatest = std::isnan(greatest) ? x : std::max(greatest, x);
    last = x;
    ++count;
  }
  if (count == 0)
    return none;
  switch (what) {
  case aggregation::avg:
    return sum.divided(count);
  case aggregation::sum:
    return sum.rounded();
  case aggregation::min:
    return least;
  case aggregation::max:
    return greatest;
  case aggregation::last:
    return last;
  case aggregation::count:
    return count;
  }
  return none;
}

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b;
}

} // namespace

TEST(host_list, every_aggregation_is_that_of_a_plain_scan_for_each_and_for_all_hosts_of_a_block) {
  constexpr int ticks = 40, hosts = 50;
  std::mt19937_64 random(7);
  field_block block(ticks);
  std::vector<std::vector<double>> values(hosts, std::vector<double>(ticks, none));
  for (int n = 0; n < ticks; ++n)
    for (std::size_t h = 0; h < hosts; ++h) {
      if (n % 7 == 3 || random() % 4 == 0 || h == 13)
        continue;
      // Some hosts have values whose sum no pair of doubles holds.
      const double x = std::ldexp(static_cast<double>(random() % 1000) - 500.1,
                                  h % 3 == 0 ? static_cast<int>(random() % 400) - 200 : 0);
      values[h][static_cast<std::size_t>(n)] = block.claim(first + n)[h] = x;
    }
  for (const auto what : {aggregation::avg, aggregation::sum, aggregation::min, aggregation::max,
                          aggregation::last, aggregation::count})
    for (const int span : {1, 2, 17, 40}) {
      span_column all;
      all.begin(&block, first + ticks - 1, span, what);
      while (!all.step(3)) {
      }
      for (std::size_t h = 0; h < hosts; ++h) {
        const auto want = naive({values[h].end() - span, values[h].end()}, what);
        EXPECT_TRUE(same(want, all.value(h))) << name_of(what) << ' ' << span << ' ' << h;
        EXPECT_TRUE(same(want, span_value(&block, h, first + ticks - 1, span, what))) << h;
      }
    }
}

TEST(host_list, nobody_has_a_value_where_there_is_no_block) {
  span_column column;
  column.begin(nullptr, 5, 3, aggregation::sum);
  EXPECT_TRUE(column.step(1));
  EXPECT_TRUE(std::isnan(column.value(0)));
  EXPECT_TRUE(std::isnan(span_value(nullptr, 0, 5, 3, aggregation::count)));
}

TEST(host_list, is_empty_before_anything_came) {
  partition_engine engine(std::make_shared<partition_plan>(of({})));
  host_list list({.columns = {{aggregation::sum, "x"}}, .by = order::column},
                 {.begin = [] {}, .row = [](const host_row&) { FAIL(); }});
  while (!list.step(engine, host_history())) {
  }
  EXPECT_EQ(list.total(), 0u);
  EXPECT_EQ(list.newest(), tick_min);
}

TEST(host_list, filters_by_name_labels_and_silence) {
  fixture f;
  f.report("Web-1", {{"x", 1}}, R"({"dc":"eu1","role":"web"})");
  f.report("web-2", {{"x", 1}}, R"({"dc":"eu2"})");
  f.report("db-1", {{"x", 1}}, R"({"dc":"eu1"})");
  f.report("\"<img>\u202e", {{"x", 1}});
  for (int i = 0; i < 3; ++i) {
    f.seal();
    EXPECT_EQ(f.names({.search = "WEB"}), "Web-1 web-2 ");
    EXPECT_EQ(f.silent, 0u) << i;
    f.report("db-1", {{"x", 1}});
  }
  f.seal(); // three ticks without the others
  EXPECT_EQ(f.names({}), "\"<img>\u202e Web-1 db-1 web-2 ");
  EXPECT_EQ(std::tuple(f.total, f.matched, f.silent), std::tuple(4u, 4u, 3u));
  EXPECT_EQ(f.names({.labels = {{"dc", "eu1"}}}), "Web-1 db-1 ");
  EXPECT_EQ(f.names({.labels = {{"dc", "eu1"}, {"role", "web"}}}), "Web-1 ");
  EXPECT_EQ(f.names({.is = state::silent}), "\"<img>\u202e Web-1 web-2 ");
  EXPECT_EQ(f.names({.search = "1", .is = state::silent}), "Web-1 ");
  EXPECT_EQ(std::tuple(f.total, f.matched, f.silent, f.total_silent), std::tuple(4u, 1u, 1u, 3u));
  EXPECT_EQ(f.names({.is = state::reporting}), "db-1 ");
  EXPECT_EQ(f.names({.search = "<IMG>\u202e"}), "\"<img>\u202e ");
  EXPECT_EQ(f.names({.search = "web-22"}), "");
}

TEST(label_match, tells_members_from_what_looks_like_them) {
  const std::string labels = R"({"a":"x,","b":"\"c\":\"d\"","e\"":"f"})";
  EXPECT_TRUE(label_match("a", "x,")(labels));
  EXPECT_TRUE(label_match("b", R"("c":"d")")(labels));
  EXPECT_TRUE(label_match("e\"", "f")(labels));
  EXPECT_FALSE(label_match("c", "d")(labels));
  EXPECT_FALSE(label_match("a", "x")(labels));
  EXPECT_FALSE(label_match(",", ":")(R"({"a":"x,",":":"v"})"));
  EXPECT_FALSE(label_match("a", "")(""));
  EXPECT_FALSE(label_match("a", "b")("{\"a\":\"b"));
}

TEST(host_list, sorts_with_nulls_last_and_ties_by_name) {
  fixture f;
  f.report("a", {{"x", 3}});
  f.report("b", {{"x", -1}});
  f.report("c", {{"y", 9}});
  f.report("d", {{"x", 3}});
  f.seal();
  const auto by_x = [&](bool descending) {
    return f.names({.columns = {{aggregation::sum, "y"}, {aggregation::max, "x"}},
                    .by = order::column,
                    .by_column = 1,
                    .descending = descending});
  };
  EXPECT_EQ(by_x(true), "a d b c ");
  EXPECT_EQ(by_x(false), "b a d c ");
  EXPECT_EQ(f.names({.descending = true}), "d c b a ");
  f.report("b", {{"x", 0}});
  f.seal();
  EXPECT_EQ(f.names({.by = order::last_sample, .descending = true}), "b a c d ");
  EXPECT_EQ(f.names({.by = order::last_sample}), "a c d b ");
  EXPECT_EQ(f.names({.columns = {{aggregation::sum, "nobody's"}}, .by = order::column}),
            "a b c d ");
}

TEST(host_list, counts_open_incidents_and_sorts_by_them) {
  fixture f({last_of("x", 5, 1'000), last_of("y", 5, 1'000)});
  f.report("a", {{"x", 1}, {"y", 1}});
  f.report("b", {{"x", 7}, {"y", 1}});
  f.report("c", {{"x", 7}, {"y", 7}});
  f.seal();
  const auto rows = f.ask({.by = order::open, .descending = true});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].name + rows[1].name + rows[2].name, "cba");
  EXPECT_EQ(std::tuple(rows[0].open, rows[1].open, rows[2].open), std::tuple(2u, 1u, 0u));
}

TEST(host_list, a_column_orders_those_with_as_many_open_incidents) {
  fixture f({last_of("x", 5, 1'000), last_of("y", 5, 1'000)});
  f.report("a", {{"x", 1}, {"z", 8}});
  f.report("b", {{"x", 7}, {"z", 1}});
  f.report("c", {{"x", 7}, {"z", 3}});
  f.report("d", {{"x", 1}, {"z", 9}});
  f.report("e", {{"x", 1}});
  f.report("f", {{"x", 6}, {"y", 6}, {"z", 0}});
  f.seal();
  host_list_question q{.columns = {{aggregation::max, "z"}},
                       .by = order::open,
                       .descending = true,
                       .then_by_column = true,
                       .then_descending = true};
  EXPECT_EQ(f.names(q), "f c b d a e ");
  q.then_descending = false;
  EXPECT_EQ(f.names(q), "f b c a d e ");
  q.limit = 3;
  q.offset = 2;
  EXPECT_EQ(f.names(q), "c a d ");
}

TEST(host_list, words_find_names_and_labels_beside_other_filters) {
  fixture f;
  f.report("web-1", {{"x", 1}}, R"({"dc":"eu1"})");
  f.report("web-2", {{"x", 1}}, R"({"dc":"us1"})");
  f.report("db-1", {{"x", 1}}, R"({"dc":"eu1"})");
  f.seal();
  EXPECT_EQ(f.names({.words = *host_words::read("web eu")}), "web-1 ");
  EXPECT_EQ(f.names({.words = *host_words::read("dc:eu*")}), "db-1 web-1 ");
  EXPECT_EQ(f.names({.search = "1", .words = *host_words::read("web*")}), "web-1 ");
  EXPECT_EQ(std::pair(f.total, f.matched), std::pair(3ul, 1ul));
}

TEST(host_list, a_span_is_no_longer_than_the_shortest_window_of_the_columns_fields) {
  fixture f({last_of("x", 1e9, 10'000), last_of("y", 1e9, 4'000)});
  for (int i = 0; i < 20; ++i) {
    f.report("a", {{"x", 1}, {"y", 2}, {"z", 3}});
    f.seal();
  }
  const auto value = [&](std::vector<shown_column> columns, std::int64_t span_ms) {
    return f.ask({.span_ms = span_ms, .columns = std::move(columns)})[0].values[0];
  };
  EXPECT_EQ(value({{aggregation::sum, "x"}}, 60'000), 10);
  EXPECT_EQ(f.span_ticks, 10);
  EXPECT_EQ(value({{aggregation::sum, "x"}, {aggregation::sum, "nobody's"}}, 2'001), 3);
  EXPECT_EQ(value({{aggregation::sum, "x"}, {aggregation::last, "y"}}, 60'000), 4);
  EXPECT_EQ(f.span_ticks, 4);
  EXPECT_EQ(f.newest, first + 19);
}

namespace {

struct many : fixture {
  std::map<std::string, double> sums;
  many() {
    std::mt19937_64 random(3);
    for (int t = 0; t < 5; ++t) {
      for (int h = 0; h < 3'000; ++h) {
        const auto name = fmt::format("h{:04}", (h * 7919) % 3'000);
        const double x = static_cast<double>(random() % 40); // many ties
        report(name, {{"x", x}});
        sums[name] += x;
      }
      seal();
    }
  }
  std::vector<std::string> sorted() const {
    std::vector<std::pair<double, std::string>> all;
    for (const auto& [name, sum] : sums)
      all.emplace_back(-sum, name);
    std::sort(all.begin(), all.end());
    std::vector<std::string> out;
    for (auto& one : all)
      out.push_back(std::move(one.second));
    return out;
  }
  host_list_question page(std::size_t offset, std::size_t limit) const {
    return {.columns = {{aggregation::sum, "x"}},
            .by = order::column,
            .descending = true,
            .offset = offset,
            .limit = limit};
  }
};

} // namespace

TEST(host_list, pages_of_any_size_make_up_the_whole_in_order) {
  many f;
  const auto want = f.sorted();
  for (const std::size_t limit : {37u, 1'000u}) {
    std::vector<std::string> got;
    for (std::size_t offset = 0; offset < 3'100; offset += limit)
      for (const auto& row : f.ask(f.page(offset, limit))) {
        got.push_back(row.name);
        ASSERT_EQ(row.values[0], f.sums[row.name]);
      }
    EXPECT_EQ(got, want) << limit;
  }
  EXPECT_EQ(std::pair(f.total, f.matched), std::pair(3'000ul, 3'000ul));
}

TEST(host_list, a_seal_in_between_changes_neither_span_nor_values) {
  many f;
  const auto want = f.sorted();
  auto left = 1;
  const auto rows = f.ask(f.page(100, 500), [&] {
    if (left-- == 1) {
      f.report("h0000", {{"x", 1e6}});
      f.seal();
    }
  });
  EXPECT_GT(f.steps, 3u);
  EXPECT_EQ(f.newest, first + 4);
  ASSERT_EQ(rows.size(), 500u);
  for (std::size_t i = 0; i < rows.size(); ++i)
    ASSERT_EQ(rows[i].name, want[100 + i]);
}

TEST(host_list, begins_anew_when_more_than_one_tick_was_sealed_since) {
  many f;
  auto left = 6;
  const auto rows = f.ask(f.page(0, 3), [&] {
    if (left-- > 0) {
      f.report("h0000", {{"x", 1e6}});
      f.seal();
    }
  });
  EXPECT_GE(f.newest, first + 4 + 5);
  EXPECT_EQ(rows[0].name, "h0000");
  EXPECT_EQ(f.total, 3'000u);
}

TEST(host_list, a_step_does_a_bounded_piece) {
  many f;
  f.ask(f.page(0, 50));
  const auto few = f.steps;
  f.ask(f.page(2'000, 1'000));
  EXPECT_GE(few, 3u);          // blocks
  EXPECT_GT(f.steps, few + 8); // the heap, and the page taken off it
}

TEST(host_detail, says_what_a_host_reported_and_what_is_open) {
  fixture f({last_of("x", 5, 2'000)});
  f.report("a", {{"x", 7}});
  f.seal();
  f.report("a", {{"z", 1}}, R"({"dc":"eu1"})");
  f.seal();
  host_detail a("a");
  while (!a.step(f.engine, f.past)) {
  }
  ASSERT_TRUE(a.known());
  EXPECT_EQ(a.state().labels, R"({"dc":"eu1"})");
  EXPECT_EQ(std::tuple(a.state().last_sample, a.silent(), a.newest()),
            std::tuple(first + 1, false, first + 1));
  ASSERT_EQ(a.open().size(), 1u);
  EXPECT_EQ(std::pair(a.open()[0].start_ms, a.open()[0].trigger_value),
            std::pair(f.engine.in.grid().end_ms(first), 7.0));
  ASSERT_EQ(a.fields().size(), 2u);
  const auto& x = a.fields()[0];
  EXPECT_EQ(std::tuple(x.name, x.first, x.at, x.last, x.rules.size()),
            std::tuple(std::string("x"), first, first, 7.0, 1u));
  EXPECT_EQ(std::pair(a.fields()[1].name, a.fields()[1].rules.size()),
            std::pair(std::string("z"), 0ul));
  f.seal();
  f.seal(); // out of every window
  host_detail later("a");
  later.step(f.engine, f.past);
  EXPECT_EQ(later.fields()[0].at, tick_min);
  host_detail unknown("b");
  EXPECT_TRUE(unknown.step(f.engine, f.past));
  EXPECT_FALSE(unknown.known());
}

TEST(field_list, counts_the_hosts_and_rules_of_each_field) {
  many f;
  f.report("h0000", {{"n.count", 1}});
  f.seal();
  field_list list;
  while (!list.step(f.engine, f.past)) {
  }
  ASSERT_EQ(list.fields().size(), 3u);
  const auto brief = [&](std::size_t i) {
    const auto& one = list.fields()[i];
    return fmt::format("{} {} {} {} {}", one.name, one.hosts, one.rules, one.ticks, one.adds);
  };
  EXPECT_EQ(brief(0), "x 3000 1 30 false");
  EXPECT_EQ(brief(1), "y 0 1 30 false");
  EXPECT_EQ(brief(2), "n.count 1 0 2 true");
}

TEST(host_list, a_span_of_hours_is_made_of_what_was_added_up) {
  fixture f({last_of("x", 1e9, 1'000)});
  cluster_history fields;
  cluster_tally tally;
  std::vector<std::vector<double>> all(3);
  for (int t = 0; t < 1'500; ++t) { // of a second; five minutes of them stay as they are
    for (int h = 0; h < 3; ++h) {
      const double x = (t * 7 + h * 13) % 101 + (t == 400 * h ? 1'000 : 0);
      f.report("abc" + std::to_string(h), {{"x", x}, {"y", x}});
      all[static_cast<std::size_t>(h)].push_back(x);
    }
    f.seal();
    const auto places = fields.places(f.engine.in.fields());
    f.past.begin(f.engine.in.ring().sealed(), f.engine.in, places);
    tally.begin(f.engine.in.ring().sealed(), false);
    tally.step(f.engine.in, places, SIZE_MAX, &f.past);
  }
  for (const std::int64_t seconds : {300, 500, 1'120, 1'400, 18'000}) {
    const auto rows = f.ask({.span_ms = seconds * 1'000,
                             .columns = {{aggregation::max, "x"},
                                         {aggregation::avg, "y"},
                                         {aggregation::sum, "nobody's"}},
                             .by = order::column,
                             .descending = true});
    const auto ticks = f.span_ticks;
    EXPECT_GE(ticks, std::min<std::int64_t>(seconds, 1'500));
    EXPECT_LT(ticks, seconds == 300 ? 301 : seconds + 60) << "to the minute's beginning";
    ASSERT_EQ(rows.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& v = all[static_cast<std::size_t>(rows[i].name.back() - '0')];
      const std::vector<double> within(v.end() - std::min<std::int64_t>(ticks, 1'500), v.end());
      EXPECT_EQ(rows[i].values[0], naive(within, aggregation::max));
      EXPECT_NEAR(rows[i].values[1], naive(within, aggregation::avg), 1e-9);
      EXPECT_TRUE(std::isnan(rows[i].values[2]));
      EXPECT_TRUE(i == 0 || rows[i - 1].values[0] >= rows[i].values[0]);
    }
  }
  EXPECT_EQ(f.span_ticks, 1'500);
}

} // namespace tocsin::host_list_test
