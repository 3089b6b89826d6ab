#include "streams/partition/engine.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace {

using namespace tocsin;

constexpr std::size_t hosts = 4 * block_hosts;
constexpr tick ticks = 400;

// Every (aggregation, timeframe) pair in turn, over ten fields.
settings make_settings(std::int64_t rules, std::int64_t window_ticks) {
  constexpr aggregation all[] = {aggregation::avg, aggregation::sum,  aggregation::min,
                                 aggregation::max, aggregation::last, aggregation::count};
  settings s;
  for (std::int64_t i = 0; i < rules; ++i) {
    rule r;
    r.name = fmt::format("rule {}", i);
    r.field = fmt::format("field{}", i % 10);
    r.aggregate = all[i % 6];
    r.threshold = 1e9; // out of reach: what is timed is the check, not the changes
    r.timeframe_ms = window_ticks * s.interval_ms / (1 + i / 60 % 4);
    s.rules.push_back(r);
  }
  return s;
}

// An engine whose windows are full; host h reports h + tick on every field.
std::unique_ptr<partition_engine> make_engine(const settings& s) {
  auto engine = std::make_unique<partition_engine>(std::make_shared<partition_plan>(s));
  engine->in.begin(0);
  std::vector<std::string> names;
  for (int f = 0; f < 10; ++f)
    names.push_back(fmt::format("field{}", f));
  for (tick n = 0; n < ticks; ++n) {
    for (std::size_t h = 0; h < hosts; ++h) {
      const auto host = fmt::format("host-{:05}", h);
      std::vector<field_value> values;
      for (const auto& name : names)
        values.push_back({name, static_cast<double>(h) + static_cast<double>(n)});
      sample_view sample;
      sample.host = host;
      sample.ts_ms = n * s.interval_ms;
      sample.values = values;
      engine->in.apply(sample);
    }
    engine->in.seal(false);
  }
  return engine;
}

// The one rule within reach must find exactly the hosts above its threshold.
bool answers_right(const settings& s) {
  auto with_one = s;
  with_one.rules[2].threshold = static_cast<double>(hosts - 10 + ticks - 1);
  with_one.rules[2].aggregate = aggregation::max;
  auto engine = make_engine(with_one);
  return engine->judge(ticks - 1, {}).size() == 10;
}

void check(benchmark::State& state) {
  const auto s = make_settings(state.range(0), state.range(1));
  if (!answers_right(s))
    return state.SkipWithError("the check does not find the hosts it should");
  const auto engine = make_engine(s);
  block_checker checker(engine->plan->rules, engine->in, engine->incidents.open());
  std::vector<verdict_change> changes;
  for (auto _ : state) {
    for (std::size_t b = 0; b < engine->in.hosts().blocks(); ++b)
      checker.check(b, changes);
    benchmark::DoNotOptimize(changes.data());
  }
  state.counters["checks/s"] = benchmark::Counter(static_cast<double>(s.rules.size() * hosts),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(check)
    ->ArgNames({"rules", "window"})
    ->Args({10, 60})
    ->Args({100, 60})
    ->Args({1000, 60})
    ->Args({1000, 6})
    ->Args({1000, 360})
    ->Unit(benchmark::kMillisecond);

} // namespace
