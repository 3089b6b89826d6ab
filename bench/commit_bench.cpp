#include "streams/partition/commit_builder.hpp"
#include "streams/redis/commit_sender.hpp"
#include "streams/redis/embedded_server.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/lease.hpp"

#include <benchmark/benchmark.h>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

// What committing a tick costs: the engine's part of it alone (`build`), and with a private Redis
// that syncs to disk (`commit`), whose CPU time is read from itself. In turns every incident of a
// tick opens and is resolved.

namespace {

using namespace tocsin;

constexpr std::size_t hosts = 1'000;
const std::string owner = "bench:x:1";
const redis::partition_keys keys("tocsin", "0");

// The outcomes of one tick after the other, `events` events each, spread over `rules` rules.
class ticks {
public:
  ticks(std::size_t events, std::size_t rules, bool labelled)
      : cycle_(rules_of(rules, labelled), "tocsin"), table_(hosts) {
    for (std::size_t h = 0; h < hosts; ++h)
      table_.add(fmt::format("web-{:04}.eu1.example.net", h));
    const auto pairs = hosts * rules;
    for (std::size_t i = 0; i < events; ++i) {
      const auto pair = i * pairs / events;
      changes_.push_back({0.1 * static_cast<double>(pair), static_cast<rule_index>(pair / hosts),
                          static_cast<host_index>(pair % hosts) & host_index_max, true, true});
    }
  }
  static rule_set rules_of(std::size_t count, bool labelled) {
    rule_set rules(count);
    for (std::size_t i = 0; i < count; ++i) {
      rules[i].name = fmt::format("High number of errors {}", i);
      rules[i].field = "errors.count";
      rules[i].threshold = static_cast<double>(i);
      rules[i].timeframe_ms = 60'000;
      if (!labelled)
        continue;
      rules[i].labels = {{"severity", "page"}, {"team", "bots"}};
      rules[i].annotations = {
          {"description", "{{field}} reached {{threshold}} within {{timeframe}}"},
          {"summary", "{{ruleName}} on {{hostName}}: {{triggerValue}}"}};
    }
    return rules;
  }
  void begin_next(commit_builder& builder) {
    seal_record seal;
    seal.sealed = next_;
    for (auto& c : changes_)
      c.breach = next_ % 2 == 0;
    builder.begin(std::make_shared<seal_record>(seal),
                  cycle_.step(grid.end_ms(next_++), {}, changes_, table_));
  }
  static constexpr tick_grid grid{10'000, 1'000};
  std::size_t open() const { return cycle_.open_count(); }

private:
  life_cycle cycle_;
  host_table table_;
  std::vector<verdict_change> changes_;
  tick next_ = 179'522'936;
};

double seconds_of(const std::string& info, std::string_view name) {
  const auto at = info.find(name);
  double value = 0;
  if (at != std::string::npos)
    std::from_chars(info.data() + at + name.size(), info.data() + info.size(), value);
  return value;
}

// A private Redis in a folder of its own, with the lease taken.
class private_redis {
public:
  private_redis() {
    char name[] = "/tmp/tocsin-bench-XXXXXX";
    folder_ = ::mkdtemp(name);
    redis::embedded_server::options o;
    o.folder = folder_;
    server_.emplace(std::move(*redis::embedded_server::start(o)));
    connection_.emplace(std::move(*redis::connection::open(server_->address())));
    static_cast<void>(redis::acquire_lease(*connection_, keys, owner, {}));
  }
  ~private_redis() {
    connection_.reset();
    static_cast<void>(server_->stop());
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  redis::connection& connection() { return *connection_; }
  double cpu_s() {
    const auto info = connection_->call({"INFO", "cpu"})->text;
    return seconds_of(info, "used_cpu_sys:") + seconds_of(info, "used_cpu_user:");
  }
  std::int64_t number(std::string_view command, const std::string& key) {
    return connection_->call({command, key})->number;
  }

private:
  std::string folder_;
  std::optional<redis::embedded_server> server_;
  std::optional<redis::connection> connection_;
};

// Commits the tick under way; the longest wait for an answer, or less than 0 where one was wrong.
double commit_tick(commit_builder& builder, redis::commit_sender& sender, redis::connection& c) {
  using clock = std::chrono::steady_clock;
  double longest_s = 0;
  while (builder.parts_left() > 0 || !sender.idle()) {
    while (sender.has_room() && builder.parts_left() > 0) {
      sender.add(builder.next());
      if (!sender.send(c, 1))
        return -1;
    }
    const auto began = clock::now();
    const auto r = sender.await(c);
    if (!r || *r != redis::commit_outcome::committed)
      return -1;
    longest_s = std::max(longest_s, std::chrono::duration<double>(clock::now() - began).count());
  }
  return longest_s;
}

void build(benchmark::State& state) {
  ticks t(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
          state.range(2) != 0);
  commit_builder builder(owner, "rules", std::nullopt, ticks::grid);
  for (auto _ : state) {
    t.begin_next(builder);
    std::size_t events = 0;
    while (builder.parts_left() > 0)
      events += builder.next().events.size();
    if (events != static_cast<std::size_t>(state.range(0)))
      return state.SkipWithError("events are missing");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void commit(benchmark::State& state) {
  ticks t(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
          state.range(2) != 0);
  private_redis server;
  auto& c = server.connection();
  commit_builder builder(owner, "rules", std::nullopt, ticks::grid);
  redis::commit_sender sender(keys);
  const auto cpu_before = server.cpu_s();
  double longest_s = 0;
  std::int64_t events = 0;
  for (auto _ : state) {
    t.begin_next(builder);
    const auto waited_s = commit_tick(builder, sender, c);
    if (waited_s < 0)
      return state.SkipWithError("a part was not committed");
    longest_s = std::max(longest_s, waited_s);
    events += state.range(0);
  }
  state.SetItemsProcessed(events);
  state.counters["redis_cpu_us_per_event"] =
      (server.cpu_s() - cpu_before) * 1e6 / static_cast<double>(events);
  state.counters["longest_wait_ms"] = longest_s * 1e3;
  if (server.number("XLEN", keys.incidents) != events ||
      server.number("HLEN", keys.open) != static_cast<std::int64_t>(t.open()))
    state.SkipWithError("what stands in Redis is not what was committed");
}

BENCHMARK(build)
    ->ArgNames({"events", "rules", "labels"})
    ->Args({3'600, 1'000, 0})
    ->Args({900, 1'000, 0})
    ->Args({900, 1, 0})
    ->Args({900, 1, 1})
    ->Args({100'000, 1'000, 0})
    ->Unit(benchmark::kMillisecond);

BENCHMARK(commit)
    ->ArgNames({"events", "rules", "labels"})
    ->Args({100, 1'000, 0})
    ->Args({1'000, 1'000, 0})
    ->Args({3'600, 1'000, 0})
    ->Args({3'600, 1'000, 1})
    ->Args({50'000, 1'000, 0})
    ->Args({100'000, 1'000, 0})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

} // namespace
