#include "streams/rule/verdict.hpp"

#include "bench/reference/scan_checker.hpp"
#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::verdict_test {

using namespace test;

namespace {

constexpr tick newest = 1'000;

/// A block whose hosts have random values, first ticks and gaps, and the same as naive hosts.
struct random_block {
  explicit random_block(dice& d, std::int64_t depth)
      : block(static_cast<std::size_t>(depth) + 4), hosts(block_hosts) {
    const auto begin = newest - depth - 2;
    history = tick_history(begin);
    const auto blind_percent = d.one_of<std::int64_t>({0, 0, 15, 60});
    for (auto n = begin; n <= newest; ++n) {
      const bool b = d.percent(blind_percent);
      history.push(b);
      if (b)
        blind.insert(n);
    }
    for (auto n = begin - 20; n < begin; ++n)
      blind.insert(n);
    for (std::size_t h = 0; h < block_hosts; ++h) {
      const auto first = d.percent(10)   ? tick_max
                         : d.percent(50) ? begin
                                         : d.between(begin, newest + 2);
      const auto density = d.one_of<std::int64_t>({0, 10, 50, 80, 100});
      if (first == tick_max)
        continue;
      block.set_first(h, first);
      hosts[h].first["x"] = first;
      for (auto n = first; n <= newest; ++n)
        if (d.percent(density)) {
          const double v = static_cast<double>(d.between(-8, 16)) / 4;
          block.claim(n)[h] = v;
          hosts[h].places[{"x", n}] = v;
        }
    }
  }
  field_block block;
  tick_history history;
  std::vector<naive_host> hosts;
  std::set<std::int64_t> blind;
};

host_column column_of(const block_scan& scan, aggregation a) {
  host_column out{};
  switch (a) {
  case aggregation::avg:
    scan.averages(out);
    break;
  case aggregation::sum:
    scan.sums(out);
    break;
  case aggregation::min:
    out = scan.minima();
    break;
  case aggregation::max:
    out = scan.maxima();
    break;
  case aggregation::last:
    out = scan.newest_values();
    break;
  case aggregation::count:
    out = scan.counts();
    break;
  }
  return out;
}

bool bit(const host_mask& m, std::size_t h) {
  return m[h / 64] >> h % 64 & 1;
}

} // namespace

// Every aggregation × operand × partial × noData, over windows with every kind of missing tick.
TEST(verdict_test, verdicts_are_those_of_the_table_word_by_word) {
  std::map<std::string, std::array<int, 3>> seen; // clear, breach, unknown
  auto scan = std::make_unique<block_scan>();
  for (std::uint64_t seed = 1; seed <= 48; ++seed) {
    dice d(seed);
    const auto ticks = d.between(1, 8);
    random_block data(d, ticks);
    const auto check_ticks = d.one_of<std::int64_t>({1, 2, 3, 5});
    scan->begin(data.block, data.history, newest, {}, check_ticks);
    scan->extend(ticks);
    for (int kind = 0; kind < 6 * 2 * 2 * 2; ++kind) {
      rule r;
      r.field = "x";
      r.aggregate = static_cast<aggregation>(kind / 8);
      r.compare = static_cast<operand>(kind % 2);
      r.partial = kind / 2 % 2;
      r.on_no_data = static_cast<no_data>(kind / 4 % 2);
      r.timeframe_ms = ticks * 1'000;
      r.threshold = r.aggregate == aggregation::count ? static_cast<double>(d.between(0, ticks))
                                                      : static_cast<double>(d.between(-8, 16)) / 4;
      const auto v = judge(r, compare_hosts(r, column_of(*scan, r.aggregate)), scan->masks());
      for (std::size_t h = 0; h < block_hosts; ++h) {
        const auto& host = data.hosts[h];
        std::optional<bool> want;
        if (host.first.contains("x") && host.first.at("x") <= newest)
          want = naive_judge(r, host, newest, data.blind, 1'000, check_ticks).verdict;
        const auto got = bit(v.breach, h)  ? std::optional(true)
                         : bit(v.clear, h) ? std::optional(false)
                                           : std::nullopt;
        ASSERT_FALSE(bit(v.breach, h) && bit(v.clear, h));
        ASSERT_EQ(got, want) << "seed " << seed << " kind " << kind << " host " << h;
        ++seen[fmt::format("{} {}", name_of(r.aggregate), name_of(r.compare))][want ? *want : 2];
      }
    }
  }
  for (const auto& [kind, counts] : seen)
    for (const int n : counts)
      EXPECT_GT(n, 100) << kind; // the table was exercised in full
}

TEST(verdict_test, both_ends_of_a_threshold_are_included) {
  field_block block(4);
  tick_history history(newest);
  history.push(false);
  block.claim(newest)[0] = 0.1 + 0.2;
  block.set_first(0, newest);
  auto scan = std::make_unique<block_scan>();
  scan->begin(block, history, newest, {});
  scan->extend(1);
  rule r;
  r.aggregate = aggregation::last;
  r.threshold = 0.30000000000000004;
  EXPECT_TRUE(bit(judge(r, compare_hosts(r, scan->newest_values()), scan->masks()).breach, 0));
  r.compare = operand::equal_or_less_than;
  EXPECT_TRUE(bit(judge(r, compare_hosts(r, scan->newest_values()), scan->masks()).breach, 0));
  r.threshold = 0.3;
  EXPECT_TRUE(bit(judge(r, compare_hosts(r, scan->newest_values()), scan->masks()).clear, 0));
}

TEST(pair_bits_test, bits_are_apart) {
  dice d(1);
  pair_bits bits(7);
  std::set<std::pair<rule_index, host_index>> naive;
  for (int i = 0; i < 20'000; ++i) {
    const auto r = static_cast<rule_index>(d.below(7));
    const auto h = static_cast<host_index>(d.below(3'000));
    const bool on = d.percent(50);
    bits.set(r, h, on);
    on ? naive.insert({r, h}).first : (naive.erase({r, h}), naive.end());
    const auto h2 = static_cast<host_index>(d.below(9'000));
    ASSERT_EQ(bits.test(r, h2), naive.contains({r, h2}));
  }
}

} // namespace tocsin::verdict_test
