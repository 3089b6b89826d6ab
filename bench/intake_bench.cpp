#include "streams/partition/entry_applier.hpp"
#include "streams/sample/ingest.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <fmt/format.h>
#include <random>

namespace {

using namespace tocsin;

constexpr std::int64_t first_tick = 170'000'000;
constexpr std::size_t fields = 10;

enum order : std::int64_t { in_turn, shuffled };

double value_of(std::size_t host, std::size_t field, tick n) {
  return static_cast<double>((host * 7 + field * 13 + static_cast<std::size_t>(n)) % 1'000) / 10;
}

// One tick of all hosts as entries of the log, `samples` in each.
std::vector<redis::log_entry> make_entries(std::size_t hosts, std::size_t samples, order by, tick n,
                                           const char* form) {
  std::vector<std::size_t> turn(hosts);
  for (std::size_t i = 0; i < hosts; ++i)
    turn[i] = i;
  if (by == shuffled)
    std::shuffle(turn.begin(), turn.end(), std::mt19937_64(static_cast<std::uint64_t>(n)));
  std::vector<redis::log_entry> out;
  column_writer writer;
  for (std::size_t begin = 0; begin < hosts; begin += samples) {
    std::string lines;
    for (auto i = begin; i < std::min(hosts, begin + samples); ++i) {
      lines += fmt::format(R"({{"host":"node-{:07}","ts":{})", turn[i], n * 10'000 + 5'000);
      for (std::size_t f = 0; f < fields; ++f)
        lines += fmt::format(R"(,"field{}.usage":{})", f, value_of(turn[i], f, n));
      lines += "}\n";
    }
    const redis::stream_id id{static_cast<std::uint64_t>(n * 10'000 + 6'000), begin};
    if (*form == 's') {
      out.push_back({id, "s", lines});
      continue;
    }
    const auto body = body_reader().read(lines, 0);
    writer.begin();
    for (std::size_t i = 0; i < body.rows.size(); ++i)
      writer.add(body.rows, i);
    out.push_back({id, "c", writer.take()});
  }
  return out;
}

bool took_all(const intake& in, std::size_t hosts, tick n) {
  for (std::size_t h = 0; h < hosts; h += hosts / 97 + 1) {
    const auto host = in.hosts().find(fmt::format("node-{:07}", h));
    for (std::size_t f = 0; f < fields; ++f) {
      const auto field = in.fields().find(fmt::format("field{}.usage", f));
      if (!host || !field)
        return false;
      const auto* row = in.ring().find(*field, *host / block_hosts)->find(n);
      if (!row || row[*host % block_hosts] != value_of(h, f, n))
        return false;
    }
  }
  return true;
}

// From entries of the log into the windows: what the aggregator does with one tick of all hosts.
// The seal behind it is not timed.
void apply(benchmark::State& state, const char* form) {
  const auto hosts = static_cast<std::size_t>(state.range(0));
  const auto samples = static_cast<std::size_t>(state.range(1));
  const auto by = static_cast<order>(state.range(2));
  std::vector<watched_field> watched;
  for (std::size_t f = 0; f < fields; ++f)
    watched.push_back({fmt::format("field{}.usage", f), 6});
  intake in({10'000, 1'000}, {hosts, 16, 86'400'000}, watched);
  in.begin(first_tick);
  entry_applier applier;
  auto n = first_tick;
  for (auto _ : state) {
    state.PauseTiming();
    const auto entries = make_entries(hosts, samples, by, n, form);
    state.ResumeTiming();
    for (const auto& e : entries)
      applier.apply(in, e);
    state.PauseTiming();
    if (!took_all(in, hosts, n))
      return state.SkipWithError("values are not where they should be");
    in.seal(false);
    ++n;
    state.ResumeTiming();
  }
  state.counters["values/s"] = benchmark::Counter(static_cast<double>(hosts * fields),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

void parameters(benchmark::internal::Benchmark* b) {
  b->ArgNames({"hosts", "samples", "shuffled"})->Unit(benchmark::kMillisecond);
  for (const auto hosts : {10'000, 100'000, 1'000'000})
    b->Args({hosts, 3'000, shuffled});
  b->Args({100'000, 3'000, in_turn});
  for (const auto samples : {10, 100})
    b->Args({100'000, samples, shuffled});
}
BENCHMARK_CAPTURE(apply, c, "c")->Apply(parameters)->Iterations(5);
BENCHMARK_CAPTURE(apply, s, "s")
    ->Args({100'000, 3'000, shuffled})
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);

} // namespace
