#include "streams/rule/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <random>
#include <vector>

namespace tocsin {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t some_hosts = 100;

enum class verdict { yes, no, unknown };

// One host's field over the ticks 0 … newest, as plainly as can be.
struct host_column_model {
  std::vector<double> values; // NaN: none
  tick first = tick_max;
};

struct window_model {
  std::vector<double> present;
  int missing = 0, missing_before_first = 0;
  bool newest_present = false, missing_after_value = false;
};

window_model look(const host_column_model& host, const std::vector<bool>& blind, std::int64_t w) {
  window_model m;
  const auto newest = static_cast<tick>(blind.size()) - 1;
  const auto has = [&](tick n) {
    return n >= 0 && !std::isnan(host.values[static_cast<std::size_t>(n)]);
  };
  m.newest_present = has(newest);
  tick last_value = tick_min, last_missing = tick_min;
  for (tick n = newest - w + 1; n <= newest; ++n) {
    if (has(n)) {
      m.present.push_back(host.values[static_cast<std::size_t>(n)]);
      last_value = n;
      continue;
    }
    const bool before_first = n < host.first;
    const bool was_blind = n < 0 || blind[static_cast<std::size_t>(n)];
    const bool slipped = n == newest && has(newest - 1);
    m.missing_before_first += before_first;
    if (before_first || was_blind || slipped) {
      ++m.missing;
      last_missing = n;
    }
  }
  m.missing_after_value = last_missing > last_value;
  return m;
}

double aggregate(aggregation a, const std::vector<double>& v) {
  double sum = 0; // of small whole numbers: exact
  for (const double x : v)
    sum += x;
  switch (a) {
  case aggregation::avg:
    return v.empty() ? 0 : sum / static_cast<double>(v.size());
  case aggregation::sum:
    return sum;
  case aggregation::min:
    return v.empty() ? 0 : *std::min_element(v.begin(), v.end());
  case aggregation::max:
    return v.empty() ? 0 : *std::max_element(v.begin(), v.end());
  case aggregation::last:
    return v.empty() ? 0 : v.back();
  case aggregation::count:
    return static_cast<double>(v.size());
  }
  return nan;
}

verdict judge_missing(const rule& r, const window_model& m, bool holds, std::int64_t w) {
  const bool more = r.compare == operand::equal_or_more_than;
  if (m.present.empty())
    return verdict::unknown;
  const auto only = [&](bool counts) {
    return holds == counts ? (holds ? verdict::yes : verdict::no) : verdict::unknown;
  };
  switch (r.aggregate) {
  case aggregation::sum:
  case aggregation::count:
  case aggregation::max:
    return only(more);
  case aggregation::min:
    return only(!more);
  case aggregation::last:
    return m.missing_after_value ? verdict::unknown : only(holds);
  case aggregation::avg:
    return m.missing_before_first > 0 || 2 * m.missing > w ? verdict::unknown : only(holds);
  }
  return verdict::unknown;
}

verdict judge_model(const rule& r, const host_column_model& host, const std::vector<bool>& blind,
                    std::int64_t w) {
  if (host.first > static_cast<tick>(blind.size()) - 1)
    return verdict::unknown;
  const auto m = look(host, blind, w);
  const bool more = r.compare == operand::equal_or_more_than;
  const double value = aggregate(r.aggregate, m.present);
  const bool holds = more ? value >= r.threshold : value <= r.threshold;
  if (m.missing > 0 && !r.partial)
    return judge_missing(r, m, holds, w);
  const bool adds = r.aggregate == aggregation::sum || r.aggregate == aggregation::count;
  const auto silence = r.on_no_data == no_data::resolve ? verdict::no : verdict::unknown;
  if (m.present.empty() && !(adds && !more))
    return silence;
  if (!holds && adds && more && !m.newest_present)
    return silence;
  return holds ? verdict::yes : verdict::no;
}

// A random field of one block; values are small whole numbers, so that sums are exact anyhow.
struct scenario {
  std::vector<host_column_model> hosts;
  std::vector<bool> blind;
  std::unique_ptr<field_block> block;
  tick_history history;
};

scenario make_scenario(std::mt19937& random, tick ticks) {
  const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
  scenario s;
  s.block = std::make_unique<field_block>(static_cast<std::size_t>(ticks) + 4);
  s.history = tick_history(0);
  const bool outages = chance(60);
  for (tick n = 0; n < ticks; ++n) {
    s.blind.push_back(outages && chance(25));
    s.history.push(s.blind.back());
  }
  for (std::size_t h = 0; h < some_hosts; ++h) {
    host_column_model host;
    const auto first = static_cast<tick>(random()) % (ticks + 2);
    const int presence = static_cast<int>(random() % 4) * 33 + 1;
    for (tick n = 0; n < ticks; ++n) {
      const bool has = n >= first && chance(n == first ? 100 : presence);
      host.values.push_back(has ? static_cast<double>(random() % 7) : nan);
      if (has)
        s.block->claim(n)[h] = host.values.back();
    }
    if (first < ticks)
      host.first = first;
    s.block->set_first(h, host.first);
    s.hosts.push_back(std::move(host));
  }
  return s;
}

host_column column_of(aggregation a, const block_scan& scan) {
  host_column out{};
  switch (a) {
  case aggregation::avg:
    return scan.averages(out), out;
  case aggregation::sum:
    return scan.sums(out), out;
  case aggregation::min:
    return scan.minima();
  case aggregation::max:
    return scan.maxima();
  case aggregation::last:
    return scan.newest_values();
  case aggregation::count:
    return scan.counts();
  }
  return out;
}

verdict verdict_of(const verdicts& v, std::size_t h) {
  const bool yes = v.breach[h / 64] >> h % 64 & 1;
  const bool no = v.clear[h / 64] >> h % 64 & 1;
  EXPECT_FALSE(yes && no);
  return yes ? verdict::yes : no ? verdict::no : verdict::unknown;
}

// Every aggregation, operand, partial and noData; thresholds that are often met exactly.
std::vector<rule> all_rules(std::mt19937& random) {
  std::vector<rule> out;
  for (int a = 0; a < 6; ++a)
    for (int bits = 0; bits < 8; ++bits) {
      rule r;
      r.aggregate = static_cast<aggregation>(a);
      r.compare = bits & 1 ? operand::equal_or_less_than : operand::equal_or_more_than;
      r.partial = bits & 2;
      r.on_no_data = bits & 4 ? no_data::resolve : no_data::keep;
      r.threshold = static_cast<double>(random() % 9) - 1;
      out.push_back(r);
    }
  return out;
}

TEST(verdict_test, masks_say_what_the_rules_say_of_each_host_alone) {
  std::mt19937 random(20261121);
  int seen[3] = {0, 0, 0};
  for (int round = 0; round < 60; ++round) {
    const auto ticks = static_cast<tick>(1 + random() % 14);
    const auto s = make_scenario(random, ticks);
    auto scan = std::make_unique<block_scan>();
    scan->begin(*s.block, s.history, ticks - 1, {});
    for (std::int64_t w = 1; w <= ticks + 2; w += 1 + static_cast<std::int64_t>(random() % 3)) {
      scan->extend(w);
      for (const auto& r : all_rules(random)) {
        const auto got = judge(r, column_of(r.aggregate, *scan), *scan);
        for (std::size_t h = 0; h < some_hosts; ++h) {
          const auto want = judge_model(r, s.hosts[h], s.blind, w);
          ++seen[static_cast<int>(want)];
          ASSERT_EQ(verdict_of(got, h), want)
              << "round " << round << ", host " << h << ", window " << w << ", "
              << name_of(r.aggregate) << " " << name_of(r.compare) << " " << r.threshold
              << (r.partial ? " partial" : "") << " " << name_of(r.on_no_data);
        }
      }
    }
  }
  for (const int n : seen)
    EXPECT_GT(n, 10'000) << "the scenarios do not reach every verdict often";
}

TEST(verdict_test, a_host_that_never_reported_the_field_has_no_verdict) {
  const field_block block(8);
  tick_history history(0);
  history.push(false);
  auto scan = std::make_unique<block_scan>();
  scan->begin(block, history, 0, {});
  scan->extend(1);
  rule r;
  r.aggregate = aggregation::count;
  r.compare = operand::equal_or_less_than;
  const auto v = judge(r, scan->counts(), *scan);
  for (std::size_t w = 0; w < block_words; ++w) {
    EXPECT_EQ(v.breach[w], 0u);
    EXPECT_EQ(v.clear[w], 0u);
  }
}

} // namespace
} // namespace tocsin
