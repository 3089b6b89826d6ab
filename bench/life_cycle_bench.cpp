#include "streams/rule/life_cycle.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

// What a tick's changes cost: the transitions alone, and with the order of events. Each round makes
// the changes of `state`: so many pairs, spread over all rules and blocks, breach and clear in
// turns, while `open` others are open all the time.

namespace {

using namespace tocsin;

struct partition {
  partition(std::size_t host_count, std::size_t rule_count, std::size_t open, std::int64_t cooldown)
      : hosts(host_count), cycle(rules_of(rule_count, cooldown), "bench"), rules(rule_count) {
    for (std::size_t i = 0; i < host_count; ++i)
      hosts.add(fmt::format("host-{:07}.example.net", i * 7'919 % host_count));
    spread(open, 1, [&](rule_index r, host_index h) { cycle.restore_open(r, h, 500, 1); });
    always_open = cycle.open_count();
  }
  static rule_set rules_of(std::size_t count, std::int64_t cooldown) {
    rule_set rules(count);
    for (std::size_t i = 0; i < count; ++i) {
      rules[i].name = fmt::format("rule {}", i);
      rules[i].cooldown_ms = cooldown;
    }
    return rules;
  }
  // About so many pairs at even distances in the order of blocks, rules, hosts; those of one
  // `side` are never met on the other.
  template <class Visit>
  void spread(std::size_t count, std::size_t side, Visit&& visit) const {
    const auto pairs = hosts.extent() * rules;
    const auto step = std::max<std::size_t>(2, pairs / std::max<std::size_t>(count, 1)) / 2 * 2;
    for (std::size_t block = 0; block < hosts.blocks(); ++block) {
      const auto first = block * block_hosts;
      const auto n = std::min(block_hosts, hosts.extent() - first);
      for (auto i = (step - first * rules % step) % step + side; i < n * rules; i += step)
        visit(static_cast<rule_index>(i / n), static_cast<host_index>(first + i % n));
    }
  }
  std::vector<verdict_change> changes(std::size_t count, bool breach) const {
    std::vector<verdict_change> out;
    spread(count, 0, [&](rule_index r, host_index h) {
      out.push_back({static_cast<double>(h), r, h & host_index_max, breach, true});
    });
    return out;
  }

  host_table hosts;
  life_cycle cycle;
  std::size_t rules;
  std::size_t always_open = 0;
};

void step(benchmark::State& state) {
  const bool ordered = state.range(4);
  partition p(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
              static_cast<std::size_t>(state.range(3)), state.range(5));
  const auto changes = static_cast<std::size_t>(state.range(2));
  const std::vector<verdict_change> turns[] = {p.changes(changes, true), p.changes(changes, false)};
  std::int64_t end_ms = 0;
  for (auto _ : state) {
    const bool breach = (end_ms += 10'000) / 10'000 % 2;
    auto outcome = p.cycle.step(end_ms, {}, turns[!breach], p.hosts);
    if (ordered)
      outcome.order();
    const auto found = breach ? outcome.opened() : outcome.resolved();
    const auto open = p.always_open + (breach ? turns[0].size() : 0);
    if (found != turns[0].size() || outcome.size() != found || p.cycle.open_count() != open)
      return state.SkipWithError("not every change became an event");
    benchmark::DoNotOptimize(outcome);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(turns[0].size()));
  state.counters["per_change"] = benchmark::Counter(static_cast<double>(turns[0].size()),
                                                    benchmark::Counter::kIsIterationInvariantRate |
                                                        benchmark::Counter::kInvert);
}

BENCHMARK(step)
    ->ArgNames({"hosts", "rules", "changes", "open", "ordered", "cooldown"})
    ->Args({10'000, 1'000, 40'000, 100'000, 0, 0})
    ->Args({10'000, 1'000, 40'000, 100'000, 1, 0})
    ->Args({10'000, 1'000, 40'000, 100'000, 0, 10'000})
    ->Args({10'000, 1'000, 4'000, 100'000, 0, 0})
    ->Args({10'000, 1'000, 400'000, 100'000, 0, 0})
    ->Args({10'000, 1'000, 5'000'000, 0, 0, 0})
    ->Args({10'000, 1'000, 5'000'000, 0, 1, 0})
    ->Args({1'000, 1'000, 3'600, 10'000, 1, 0})
    ->Args({1'000'000, 1'000, 40'000, 100'000, 0, 0})
    ->Args({20'000, 1, 20'000, 0, 1, 0})
    ->Unit(benchmark::kMillisecond);

} // namespace
