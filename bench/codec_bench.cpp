#include "streams/sample/column_entry.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <fmt/format.h>
#include <random>

namespace {

using namespace tocsin;

// What values look like: whole numbers, decimals of one place, or doubles with all their digits.
enum values : std::int64_t { whole, decimal, noise };

sample_rows make_rows(std::int64_t samples, std::int64_t fields, std::int64_t kind) {
  std::mt19937_64 random(1);
  sample_rows rows;
  std::vector<std::string> names;
  for (std::int64_t f = 0; f < fields; ++f)
    names.push_back(fmt::format("field{}.usage", f));
  for (std::int64_t i = 0; i < samples; ++i) {
    std::vector<field_value> v;
    for (const auto& name : names) {
      const auto x = static_cast<double>(random() % 100'000);
      v.push_back({name, kind == whole ? x : kind == decimal ? x / 10 : std::sqrt(x)});
    }
    const auto host = fmt::format("node-{:06}", i);
    sample_view s;
    s.host = host;
    s.ts_ms = 1'700'000'000'000 + static_cast<std::int64_t>(random() % 10'000);
    s.values = v;
    rows.add(s, 1);
  }
  return rows;
}

void add_all(column_writer& writer, const sample_rows& rows) {
  writer.begin();
  for (std::size_t i = 0; i < rows.size(); ++i)
    writer.add(rows, i);
}

bool reads_back(const sample_rows& rows) {
  column_writer writer;
  add_all(writer, rows);
  column_reader reader;
  const auto bytes = writer.take();
  const auto back = reader.read(bytes);
  if (!back || (*back)->size() != rows.size())
    return false;
  const auto& shape = (*back)->shapes[0];
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t f = 0; f < shape.fields.size(); ++f)
      if (shape.column(f)[i] != rows[i].values[f])
        return false;
  return true;
}

void count(benchmark::State& state, std::size_t bytes) {
  const auto values = static_cast<double>(state.range(0) * state.range(1));
  state.counters["values/s"] =
      benchmark::Counter(values, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["bytes/value"] = static_cast<double>(bytes) / values;
}

void encode(benchmark::State& state) {
  const auto rows = make_rows(state.range(0), state.range(1), state.range(2));
  if (!reads_back(rows))
    return state.SkipWithError("what was written is not read back");
  column_writer writer;
  std::size_t bytes = 0;
  for (auto _ : state) {
    add_all(writer, rows);
    bytes = writer.take().size();
  }
  count(state, bytes);
}

void decode(benchmark::State& state) {
  const auto rows = make_rows(state.range(0), state.range(1), state.range(2));
  if (!reads_back(rows))
    return state.SkipWithError("what was written is not read back");
  column_writer writer;
  add_all(writer, rows);
  const auto entry = writer.take();
  column_reader reader;
  for (auto _ : state) {
    const auto read = reader.read(entry);
    benchmark::DoNotOptimize(&read);
  }
  count(state, entry.size());
}

void parameters(benchmark::internal::Benchmark* b) {
  b->ArgNames({"samples", "fields", "values"});
  for (const auto samples : {10, 100, 1'000, 3'000})
    b->Args({samples, 10, decimal});
  for (const auto fields : {1, 100})
    b->Args({1'000, fields, decimal});
  for (const auto kind : {whole, noise})
    b->Args({1'000, 10, kind});
}
BENCHMARK(encode)->Apply(parameters);
BENCHMARK(decode)->Apply(parameters);

} // namespace
