#include "bench/standard/workload.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <vector>

namespace {

using namespace tocsin;
using namespace tocsin::workload;

// The lines of expected.tsv that begin with that word, as their other columns.
std::vector<std::vector<std::string>> expected(const std::string& word) {
  std::ifstream in(TOCSIN_SOURCE_DIR "/tests/bench/standard/expected.tsv");
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream columns(line);
    std::vector<std::string> row;
    for (std::string text; std::getline(columns, text, '\t');)
      row.push_back(text);
    if (!row.empty() && row[0] == word)
      rows.emplace_back(row.begin() + 1, row.end());
  }
  return rows;
}

TEST(workload, values_are_those_of_python_bit_for_bit) {
  const auto rows = expected("value");
  ASSERT_GT(rows.size(), 700u);
  for (const auto& row : rows) {
    const auto host = std::stoull(row[0]);
    const auto field = std::stoul(row[1]);
    EXPECT_EQ(std::stod(row[3]), value(base(host, field), host, field, std::stoll(row[2])))
        << "host " << host << " field " << field << " tick " << row[2];
  }
}

TEST(workload, rules_are_those_of_python_bit_for_bit) {
  const auto rows = expected("rule");
  ASSERT_GT(rows.size(), 80u);
  for (const auto& row : rows) {
    rules_wanted wanted;
    wanted.count = std::stoul(row[0]);
    wanted.fire = std::stod(row[1]);
    wanted.window_ticks = *read_window(row[2]);
    const auto i = std::stoul(row[3]);
    const auto rules = make_rules(wanted);
    ASSERT_EQ(wanted.count, rules.size());
    const auto& r = rules[i];
    EXPECT_EQ("r" + row[3], r.name);
    EXPECT_EQ(field_names[std::stoul(row[4])], r.field);
    EXPECT_EQ(row[5], name_of(r.aggregate));
    EXPECT_EQ(std::stoll(row[6]) * 10'000, r.timeframe_ms);
    EXPECT_EQ(row[7] == ">=", r.compare == operand::equal_or_more_than);
    EXPECT_EQ(std::stod(row[8]), r.threshold) << "rule " << i << " of " << row[0];
  }
}

TEST(workload, rounding_is_that_of_the_exact_value_with_ties_to_even) {
  EXPECT_EQ(0.12, round_2(0.125)); // a tie
  EXPECT_EQ(0.38, round_2(0.375)); // a tie
  EXPECT_EQ(2.67, round_2(2.675)); // 2.67499999999999982236431605997495353221893310546875
  EXPECT_EQ(1.0, round_2(1.005));  // 1.00499999999999989341858963598497211933135986328125
  EXPECT_EQ(0.01, round_2(0.005)); // 0.005000000000000000104083408558608425664715468883514404296875
  EXPECT_EQ(-2.67, round_2(-2.675));
  EXPECT_EQ(-0.12, round_2(-0.125));
  EXPECT_EQ(33000000.07, round_2(33000000.066));
  EXPECT_EQ(2, round_whole(2.5));
  EXPECT_EQ(4, round_whole(3.5));
  EXPECT_EQ(-2, round_whole(-2.5));
}

TEST(workload, hosts_have_five_digits_or_more) {
  EXPECT_EQ("host-00000", host_name(0));
  EXPECT_EQ("host-00042", host_name(42));
  EXPECT_EQ("host-999999", host_name(999'999));
}

TEST(workload, windows_are_mixed_or_minutes) {
  EXPECT_EQ(0, *read_window("mixed"));
  EXPECT_EQ(6, *read_window("1m"));
  EXPECT_EQ(360, *read_window("60m"));
  for (const auto* wrong : {"", "m", "0m", "-1m", "60", "60s", "1.5m", "700m", "60mm"})
    EXPECT_FALSE(read_window(wrong)) << wrong;
}

using column_key = std::tuple<std::string, aggregation, std::int64_t>;

std::set<column_key> columns_of(const rule_set& rules) {
  std::set<column_key> columns;
  for (const auto& r : rules)
    columns.insert({r.field, r.aggregate, r.timeframe_ms});
  return columns;
}

TEST(workload, standard_rules_share_240_columns_at_most) {
  EXPECT_EQ(240u, columns_of(make_rules({.count = 240})).size());
  EXPECT_EQ(240u, columns_of(make_rules({.count = 5'000})).size());
}

TEST(workload, windows_keep_their_ticks_with_another_interval) {
  const auto rules = make_rules({.count = 24, .interval_ms = 500});
  EXPECT_EQ(6 * 500, rules[0].timeframe_ms);
  EXPECT_EQ(60 * 500, rules[23].timeframe_ms);
}

TEST(workload, distinct_rules_have_a_column_each) {
  for (const std::size_t count : {1'000u, 6'900u, 20'000u})
    EXPECT_EQ(count, columns_of(make_distinct_rules({.count = count})).size());
  std::set<std::int64_t> windows;
  for (const auto& r : make_distinct_rules({.count = 1'000}))
    windows.insert(r.timeframe_ms);
  EXPECT_EQ(60'000, *windows.begin());
  EXPECT_EQ(1'200'000, *windows.rbegin());
}

// The share of (host, tick) pairs for which the rule's window is beyond its threshold.
double share_beyond(const rule& r, std::size_t field, std::int64_t ticks) {
  int beyond = 0;
  constexpr int hosts = 20'000;
  for (std::uint64_t h = 0; h < hosts; ++h) {
    const double b = base(h, field);
    double sum = 0, low = 1e9, high = -1e9, last = 0;
    for (std::int64_t t = 0; t < ticks; ++t) {
      last = value(b, h, field, 1'000 + static_cast<std::int64_t>(h) * 61 + t);
      sum += last;
      low = std::min(low, last);
      high = std::max(high, last);
    }
    const double of = r.aggregate == aggregation::avg   ? sum / static_cast<double>(ticks)
                      : r.aggregate == aggregation::sum ? sum
                      : r.aggregate == aggregation::min ? low
                      : r.aggregate == aggregation::max ? high
                                                        : last;
    beyond += r.compare == operand::equal_or_more_than ? of >= r.threshold : of <= r.threshold;
  }
  return beyond / static_cast<double>(hosts);
}

TEST(workload, with_exact_fire_about_that_share_of_the_hosts_breaches_and_not_more) {
  std::map<std::string, std::size_t, std::less<>> fields;
  for (std::size_t f = 0; f < field_count; ++f)
    fields.emplace(field_names[f], f);
  constexpr double fire = 0.002;
  double all = 0;
  int count = 0;
  for (const auto& r : make_rules({.count = 240, .fire = fire, .exact_fire = true})) {
    if (r.aggregate == aggregation::count || r.window_ticks(10'000) > 12)
      continue;
    const auto field = fields.at(r.field);
    const double share = share_beyond(r, field, r.window_ticks(10'000));
    EXPECT_LT(share, 2.5 * fire) << r.name << ' ' << r.field << ' ' << name_of(r.aggregate);
    if (field_scales[field] >= 1) { // else whole numbers are too far apart
      EXPECT_GT(share, fire / 3) << r.name << ' ' << r.field << ' ' << name_of(r.aggregate);
      all += share;
      ++count;
    }
  }
  EXPECT_NEAR(fire, all / count, fire / 4);
}

TEST(workload, a_share_of_the_hosts_flips) {
  int flipping = 0;
  for (std::uint64_t h = 0; h < 1'000; ++h)
    flipping += flips(h, 0.25);
  EXPECT_EQ(250, flipping);
  EXPECT_TRUE(flips(17, 1));
  EXPECT_FALSE(flips(17, 0));
}

bool breaches(const rule& r, double v) {
  return r.compare == operand::equal_or_more_than ? v >= r.threshold : v <= r.threshold;
}

TEST(workload, who_flips_changes_every_verdict_at_every_tick_and_nobody_else_any) {
  std::map<std::string, std::size_t, std::less<>> fields;
  for (std::size_t f = 0; f < field_count; ++f)
    fields.emplace(field_names[f], f);
  for (const auto& r : make_flip_rules({.count = 400, .interval_ms = 1'000})) {
    const auto f = fields.at(r.field);
    EXPECT_EQ(1, r.window_ticks(1'000));
    EXPECT_NE(aggregation::count, r.aggregate);
    for (std::int64_t tick = 7; tick < 10; ++tick) {
      EXPECT_NE(breaches(r, flip_value(true, f, tick)), breaches(r, flip_value(true, f, tick + 1)));
      EXPECT_FALSE(breaches(r, flip_value(false, f, tick)));
    }
  }
}

} // namespace
