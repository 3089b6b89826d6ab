#include "streams/rule/plan.hpp"
#include "streams/window/exact_sum.hpp"
#include "streams/window/sliding_block.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

// The ring, the windows that slide over it, the vector loops and the plan, each alone.

namespace {

using namespace tocsin;

constexpr tick first = 1'000;

double value_at(tick n, std::size_t host) {
  return static_cast<double>((static_cast<std::size_t>(n) * 7919 + host * 131) % 10'000) / 100;
}

void fill_row(field_block& block, tick n) {
  double* const row = block.claim(n);
  for (std::size_t h = 0; h < block_hosts; ++h)
    row[h] = value_at(n, h);
}

// Windows that slide over a block whose hosts all report, with their sums.
struct sliding {
  sliding(std::int64_t windows, std::int64_t ticks)
      : block(static_cast<std::size_t>(ticks) + 4), state(kinds(windows, ticks), 1, &memory),
        count(static_cast<std::size_t>(windows)) {
    for (std::size_t h = 0; h < block_hosts; ++h)
      block.set_first(h, first);
    for (tick n = first; n <= first + ticks; ++n)
      advance();
  }
  static std::vector<sliding_block::window_kind> kinds(std::int64_t windows, std::int64_t ticks) {
    std::vector<sliding_block::window_kind> out;
    for (std::int64_t i = 1; i <= windows; ++i)
      out.push_back({ticks * i / windows, true});
    return out;
  }
  void fill() { fill_row(block, next); }
  void slide() {
    state.advance(block, 0, next, {});
    for (std::size_t w = 0; w < count; ++w)
      state.slide_sums(w, block);
    ++next;
  }
  void advance() {
    fill();
    slide();
  }
  bool right() const {
    for (std::size_t h = 0; h < block_hosts; ++h) {
      exact_sum sum;
      const auto& w = state.window(count - 1);
      for (std::int64_t i = 0; i < w.ticks; ++i)
        sum.add(value_at(next - 1 - i, h));
      if (w.sums.sum(h) != sum.rounded())
        return false;
    }
    return true;
  }

  column_memory memory;
  field_block block;
  sliding_block state;
  std::size_t count;
  tick next = first;
};

void slide(benchmark::State& state) {
  sliding s(state.range(0), state.range(1));
  for (auto _ : state) {
    state.PauseTiming();
    s.fill();
    state.ResumeTiming();
    s.slide();
  }
  if (!s.right())
    state.SkipWithError("a sum is not the sum of its window");
  state.SetItemsProcessed(state.iterations() * state.range(0) *
                          static_cast<std::int64_t>(block_hosts));
}
BENCHMARK(slide)
    ->ArgNames({"windows", "ticks"})
    ->Args({1, 60})
    ->Args({4, 60})
    ->Args({16, 60})
    ->Args({4, 6})
    ->Args({4, 360});

// One comparison of 1,024 hosts, by instruction set: the argument is its place in the list.
void compare(benchmark::State& state) {
  const auto targets = column_ops::targets();
  if (state.range(0) >= static_cast<std::int64_t>(targets.size()))
    return state.SkipWithError("this machine has no more instruction sets");
  column_ops::use_target(targets[static_cast<std::size_t>(state.range(0))]);
  state.SetLabel(std::string(column_ops::target()));
  alignas(64) host_column column;
  for (std::size_t h = 0; h < block_hosts; ++h)
    column[h] = value_at(first, h);
  host_mask mask;
  for (auto _ : state) {
    column_ops::compare(column.data(), comparison::ge, 50, mask);
    benchmark::DoNotOptimize(mask);
  }
  for (std::size_t h = 0; h < block_hosts; ++h)
    if ((mask[h / 64] >> h % 64 & 1) != (column[h] >= 50))
      state.SkipWithError("a bit is wrong");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(block_hosts));
  column_ops::use_target(0);
}
BENCHMARK(compare)->ArgName("set")->DenseRange(0, 4);

// The greatest value of one host's window: what an incident that opens is told.
void ring_extremum(benchmark::State& state) {
  const auto ticks = state.range(0);
  field_block block(static_cast<std::size_t>(ticks) + 4);
  for (tick n = first; n < first + ticks; ++n)
    fill_row(block, n);
  std::size_t host = 0;
  double greatest = 0;
  for (auto _ : state) {
    greatest = block.extremum(host, first + ticks - 1, ticks, true);
    benchmark::DoNotOptimize(greatest);
    host = (host + 37) % block_hosts;
  }
  host = (host + block_hosts - 37) % block_hosts;
  for (std::int64_t i = 0; i < ticks; ++i)
    if (value_at(first + i, host) > greatest)
      state.SkipWithError("a value of the window is greater");
}
BENCHMARK(ring_extremum)->ArgName("ticks")->Arg(6)->Arg(60)->Arg(360);

// Compiling a rule set.
void plan(benchmark::State& state) {
  rule_set rules;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    rule r;
    r.name = fmt::format("rule {}", i);
    r.field = fmt::format("field{}", i % 10);
    r.aggregate = static_cast<aggregation>(i % 6);
    r.threshold = static_cast<double>(i);
    r.timeframe_ms = 60'000 * (1 + i / 60 % 4);
    rules.push_back(r);
  }
  std::size_t columns = 0;
  for (auto _ : state)
    columns = rule_plan(rules, tick_grid{}).columns();
  if (columns != static_cast<std::size_t>(std::min<std::int64_t>(state.range(0), 120)))
    state.SkipWithError("rules that share a column do not");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(plan)->ArgName("rules")->Arg(10)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

} // namespace
