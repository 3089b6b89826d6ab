#include "streams/sample/sample_reader.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace tocsin;

constexpr std::string_view sample =
    R"({"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},)"
    R"("mem":{"usage":40.1,"free":812345},"requests":{"count":10,"latency_sum":32},)"
    R"("eventsIn":{"count":1},"eventsOut":{"count":1},"warnings":{"count":0},)"
    R"("errors":{"count":0},"criticals":{"count":0}})";

void read_sample(benchmark::State& state) {
  std::string line(sample);
  line.append(sample_reader::padding, ' ');
  const auto text = std::string_view(line).substr(0, sample.size());
  sample_reader reader(sample_reader::source::live);
  const auto once = reader.read(text);
  if (!once || once->sample.values.size() != 11 || once->sample.values[1].value != 12.5)
    return state.SkipWithError("the sample is not read as it should be");
  for (auto _ : state)
    benchmark::DoNotOptimize(reader.read(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * sample.size()));
  state.counters["samples/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(read_sample);

// Every line has a field that none before had.
void read_unlike_sample(benchmark::State& state) {
  constexpr std::size_t many = 1'000;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < many; ++i) {
    std::string line(sample);
    line.insert(line.size() - 1, ",\"n" + std::to_string(i) + "\":1");
    lines.push_back(line);
    lines.back().append(sample_reader::padding, ' ');
  }
  sample_reader reader(sample_reader::source::live);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& line = lines[++i % many];
    const auto r =
        reader.read(std::string_view(line).substr(0, line.size() - sample_reader::padding));
    if (!r || r->sample.values.size() != 12)
      return state.SkipWithError("the sample is not read as it should be");
  }
  state.counters["samples/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(read_unlike_sample);

} // namespace
