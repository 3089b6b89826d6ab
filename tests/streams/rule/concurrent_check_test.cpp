#include "streams/rule/check.hpp"

#include "tests/support/random_samples.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace tocsin::concurrent_check_test {

using namespace test;

namespace {

constexpr std::int64_t ticks = 30;
constexpr std::size_t hosts = 3 * block_hosts + 100;
constexpr tick first = 1'000;

rule_set some_rules(const tick_grid& grid) {
  dice d(7);
  rule_set rules;
  for (int i = 0; i < 12; ++i)
    rules.push_back(random_rule(d, grid.interval_ms, std::to_string(i)));
  return rules;
}

/// Samples around tick n: some late, some of the next tick, some hosts new, some leaving.
void take_samples(intake& in, dice& d, tick n, int count) {
  for (int i = 0; i < count; ++i) {
    const auto name = "host-" + std::to_string(d.below(static_cast<std::int64_t>(hosts)));
    const field_value values[] = {
        {d.one_of(scenario_fields), static_cast<double>(d.between(0, 40)) / 8},
        {d.one_of(scenario_fields), static_cast<double>(d.between(0, 40)) / 8}};
    in.apply({name, n * 1'000 + d.between(-3'000, 1'999), true, d.percent(1), {}, values});
  }
}

using findings = std::vector<std::vector<verdict_change>>; // by tick

void sort(std::vector<verdict_change>& v) {
  std::sort(v.begin(), v.end(), [](const auto& a, const auto& b) {
    return std::pair(a.rule, +a.host) < std::pair(b.rule, +b.host);
  });
}

struct engine {
  engine()
      : plan(some_rules(grid), grid), in(grid, {hosts + 1'000, 16, 9'000}, plan.watched()),
        cycle(plan.rules(), "t") {
    in.begin(first);
  }
  void settle(tick n, std::vector<verdict_change>& found, findings& out) {
    sort(found);
    cycle_step(n, found);
    out.push_back(std::move(found));
    found.clear();
  }
  void cycle_step(tick, const std::vector<verdict_change>& found) {
    for (const auto& c : found)
      cycle.set(c.rule, c.host, c.breach);
  }
  struct bits_only {
    bits_only(const rule_set& rules, const char*) : bits(rules.size()) {}
    void set(rule_index r, host_index h, bool on) { bits.set(r, h, on); }
    pair_bits bits;
  };
  tick_grid grid{1'000, 500};
  rule_plan plan;
  intake in;
  bits_only cycle;
};

findings run_alone() {
  engine e;
  dice d(1);
  findings out;
  std::vector<verdict_change> found;
  block_checker checker(e.plan, e.in.ring(), e.in.history(), e.cycle.bits);
  take_samples(e.in, d, first, 3'000);
  for (tick n = first; n < first + ticks; ++n) {
    e.in.seal(n % 7 == 0);
    const auto blocks = e.in.hosts().blocks();
    for (std::size_t b = 0; b < blocks; ++b)
      checker.check(b, found);
    e.settle(n, found, out);
    take_samples(e.in, d, n + 1, 3'000);
  }
  return out;
}

// One thread takes samples of the next tick while others check the sealed one; it seals only when
// all of them are done, as the live engine does.
findings run_together(std::size_t checkers) {
  engine e;
  dice d(1);
  findings out;
  std::atomic<std::int64_t> sealed{0};
  std::atomic<std::size_t> blocks{0}, done{0};
  std::vector<std::vector<verdict_change>> found(checkers);
  std::vector<std::thread> threads;
  for (std::size_t c = 0; c < checkers; ++c)
    threads.emplace_back([&, c] {
      block_checker checker(e.plan, e.in.ring(), e.in.history(), e.cycle.bits);
      for (std::int64_t n = 1; n <= ticks; ++n) {
        for (auto seen = sealed.load(std::memory_order_acquire); seen < n;
             seen = sealed.load(std::memory_order_acquire))
          sealed.wait(seen, std::memory_order_acquire);
        const auto count = blocks.load(std::memory_order_relaxed);
        for (auto b = c; b < count; b += checkers)
          checker.check(b, found[c]);
        done.fetch_add(1, std::memory_order_release);
        done.notify_one();
      }
    });
  take_samples(e.in, d, first, 3'000);
  for (tick n = first; n < first + ticks; ++n) {
    e.in.seal(n % 7 == 0);
    blocks.store(e.in.hosts().blocks(), std::memory_order_relaxed);
    sealed.fetch_add(1, std::memory_order_release);
    sealed.notify_all();
    take_samples(e.in, d, n + 1, 3'000);
    for (auto n_done = done.load(std::memory_order_acquire); n_done < checkers;
         n_done = done.load(std::memory_order_acquire))
      done.wait(n_done, std::memory_order_acquire);
    done.store(0, std::memory_order_relaxed);
    std::vector<verdict_change> all;
    for (auto& f : found) {
      all.insert(all.end(), f.begin(), f.end());
      f.clear();
    }
    e.settle(n, all, out);
  }
  for (auto& t : threads)
    t.join();
  return out;
}

} // namespace

TEST(concurrent_check_test, checkers_beside_a_writer_find_what_one_thread_finds) {
  const auto alone = run_alone();
  std::size_t total = 0;
  for (const std::size_t checkers : {1u, 2u, 4u}) {
    const auto together = run_together(checkers);
    ASSERT_EQ(together.size(), alone.size());
    for (std::size_t n = 0; n < alone.size(); ++n) {
      ASSERT_EQ(together[n].size(), alone[n].size())
          << "tick " << n << ", " << checkers << " checkers";
      total += alone[n].size();
      for (std::size_t i = 0; i < alone[n].size(); ++i) {
        const auto &a = alone[n][i], &b = together[n][i];
        ASSERT_EQ(std::tuple(a.rule, +a.host, +a.breach, +a.any_value, a.value),
                  std::tuple(b.rule, +b.host, +b.breach, +b.any_value, b.value));
      }
    }
  }
  EXPECT_GT(total, 10'000u);
}

} // namespace tocsin::concurrent_check_test
