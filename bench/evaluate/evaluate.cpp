#include "bench/evaluate/evaluate.hpp"

#include "bench/evaluate/crew.hpp"
#include "bench/reference/scan_checker.hpp"
#include "bench/standard/workload.hpp"
#include "streams/rule/life_cycle.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <ctime>
#include <fmt/format.h>
#include <sys/resource.h>

namespace tocsin::evaluate {

namespace {

constexpr tick begin_tick = 170'000'000; // some day in 2023

double seconds_of(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

rule_set rules_of(const options& o) {
  const workload::rules_wanted wanted{o.rules, o.fire, o.window_ticks};
  if (o.flip)
    return workload::make_flip_rules(wanted);
  return o.distinct ? workload::make_distinct_rules(wanted) : workload::make_rules(wanted);
}

std::uint64_t hash_of(tick n, const verdict_change& c) {
  const auto mix = [](std::uint64_t x) {
    x = (x ^ x >> 31) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 29) * 0xbf58476d1ce4e5b9u;
    return x ^ x >> 32;
  };
  auto h = mix(static_cast<std::uint64_t>(n));
  h = mix(h ^ (std::uint64_t{c.rule} << 32 | c.host));
  return mix(h ^ std::bit_cast<std::uint64_t>(c.value) ^ (c.breach ? 0x5851f42d4c957f2du : 0));
}

// A sum, so that the order in which changes are found does not matter.
std::uint64_t checksum_of(tick n, const std::vector<std::vector<verdict_change>>& found) {
  std::uint64_t sum = 0;
  for (const auto& part : found)
    for (const auto& c : part)
      sum += hash_of(n, c);
  return sum;
}

class bench {
public:
  bench(const options& o, const progress& p)
      : options_(o), progress_(p), rules_(rules_of(o)), plan_(rules_, grid_),
        ring_(grid_, o.hosts, workload::field_count), history_(begin_tick),
        incidents_(rules_, "bench"),
        crew_(o.threads ? o.threads : std::max(1u, std::thread::hardware_concurrency())),
        found_(crew_.members()) {}

  report run();

private:
  void begin();
  void fill_rows(tick n);
  void fill_block(std::size_t block, tick n);
  void seal(tick n);
  void measure(tick n);
  void step(tick n);
  void verify(tick n);
  report finish();

  std::size_t blocks() const { return (options_.hosts + block_hosts - 1) / block_hosts; }

  options options_;
  const progress& progress_;
  tick_grid grid_;
  rule_set rules_;
  rule_plan plan_;
  tick_ring ring_;
  tick_history history_;
  life_cycle incidents_;
  crew crew_;
  std::vector<std::size_t> field_at_; // which field of the workload stands at an index
  std::vector<std::unique_ptr<block_checker>> checkers_;
  std::unique_ptr<scan_checker> naive_;
  std::vector<std::vector<verdict_change>> found_;
  std::uint64_t rss_before_ = peak_rss_bytes();
  std::vector<double> tick_ms_;
  report report_;
};

void bench::begin() {
  for (std::size_t f = 0; f < plan_.fields().size(); ++f) {
    const auto& name = plan_.fields()[f].name;
    ring_.add_field(static_cast<field_index>(f), plan_.fields()[f].windows.back().ticks);
    field_at_.push_back(static_cast<std::size_t>(
        std::find(workload::field_names.begin(), workload::field_names.end(), name) -
        workload::field_names.begin()));
    for (std::size_t b = 0; b < blocks(); ++b) {
      auto& block = ring_.at(static_cast<field_index>(f), b);
      for (std::size_t h = b * block_hosts; h < std::min(options_.hosts, (b + 1) * block_hosts);
           ++h)
        block.set_first(h % block_hosts, begin_tick);
    }
  }
  for (std::size_t i = 0; i < crew_.members(); ++i)
    checkers_.push_back(std::make_unique<block_checker>(plan_, ring_, history_, incidents_.open()));
  if (options_.verify)
    naive_ = std::make_unique<scan_checker>(plan_, ring_, history_, incidents_.open());
}

void bench::fill_rows(tick n) {
  crew_.run([&](std::size_t member, std::size_t members) {
    for (auto b = member; b < blocks(); b += members)
      fill_block(b, n);
  });
}

void bench::fill_block(std::size_t block, tick n) {
  const auto end = std::min(options_.hosts, (block + 1) * block_hosts);
  for (std::size_t i = 0; i < field_at_.size(); ++i) {
    const auto f = field_at_[i];
    auto* row = ring_.at(static_cast<field_index>(i), block).claim(n);
    for (auto h = block * block_hosts; h < end; ++h)
      row[h % block_hosts] = options_.flip
                                 ? workload::flip_value(workload::flips(h, *options_.flip), f, n)
                                 : workload::value(workload::base(h, f), h, f, n);
  }
}

void bench::seal(tick n) {
  history_.push(false);
  ring_.begin_seal();
  ring_.publish(n);
}

// What is timed: the check of every block, and the step of the life cycle.
void bench::measure(tick n) {
  for (auto& f : found_)
    f.clear();
  const auto wall = seconds_of(CLOCK_MONOTONIC);
  const auto cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  crew_.run([&](std::size_t member, std::size_t members) {
    for (auto b = member; b < blocks(); b += members)
      checkers_[member]->check(b, found_[member]);
  });
  const auto checked_wall = seconds_of(CLOCK_MONOTONIC) - wall;
  const auto checked_cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  report_.verdict_checksum += checksum_of(n, found_);
  if (options_.verify)
    verify(n);
  const auto step_wall = seconds_of(CLOCK_MONOTONIC);
  const auto step_cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  step(n);
  report_.check_cpu_s += checked_cpu;
  report_.life_cycle_cpu_s += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - step_cpu;
  tick_ms_.push_back((checked_wall + seconds_of(CLOCK_MONOTONIC) - step_wall) * 1e3);
}

void bench::step(tick n) {
  const std::vector<std::span<const verdict_change>> parts(found_.begin(), found_.end());
  const auto outcome = incidents_.decide(grid_.end_ms(n), {}, parts);
  report_.changes += outcome.size();
  report_.opened += outcome.opened();
  report_.resolved += outcome.resolved();
}

void bench::verify(tick n) {
  std::vector<std::vector<verdict_change>> naive(1);
  for (std::size_t b = 0; b < blocks(); ++b)
    naive_->check(b, naive.front());
  report_.naive_checksum = report_.naive_checksum.value_or(0) + checksum_of(n, naive);
}

report bench::run() {
  begin();
  auto n = begin_tick;
  for (; n < begin_tick + plan_.longest_window(); ++n) {
    progress_(
        fmt::format("filling windows: tick {} of {}", n - begin_tick + 1, plan_.longest_window()));
    fill_rows(n);
    seal(n);
  }
  // The first check builds the sliding state and opens what is in breach from the start.
  constexpr tick warm_ticks = 3;
  for (const auto last = n + warm_ticks + options_.ticks; n < last; ++n) {
    fill_rows(n);
    seal(n);
    measure(n);
    if (last - n == options_.ticks + 1) {
      report_ = {};
      tick_ms_.clear();
    }
    progress_(fmt::format("tick {} of {}: {:.2f} ms", n - (last - options_.ticks) + 1,
                          options_.ticks, tick_ms_.empty() ? 0.0 : tick_ms_.back()));
  }
  return finish();
}

report bench::finish() {
  auto r = report_;
  r.of = options_;
  r.checks = options_.rules * options_.hosts * static_cast<std::uint64_t>(options_.ticks);
  r.cpu_s = r.check_cpu_s + r.life_cycle_cpu_s;
  for (const auto ms : tick_ms_)
    r.wall_s += ms / 1e3;
  std::sort(tick_ms_.begin(), tick_ms_.end());
  const auto at = [&](double q) {
    return tick_ms_[static_cast<std::size_t>(q * static_cast<double>(tick_ms_.size() - 1) + 0.5)];
  };
  r.tick_ms_p50 = at(0.5);
  r.tick_ms_p99 = at(0.99);
  r.tick_ms_max = tick_ms_.back();
  r.columns = plan_.columns();
  r.simd_target = column_ops::target();
  const auto places = static_cast<double>(options_.hosts * plan_.fields().size()) *
                      static_cast<double>(plan_.longest_window());
  r.bytes_per_host_field_tick = static_cast<double>(peak_rss_bytes() - rss_before_) / places;
  return r;
}

} // namespace

report run(const options& o, const progress& p) {
  static const progress silent = [](const std::string&) {};
  return bench(o, p ? p : silent).run();
}

std::string report::json() const {
  auto out = fmt::format(
      R"({{"hosts":{},"rules":{},"ticks":{},"checks":{},"wall_s":{:.6f},"cpu_s":{:.6f},)"
      R"("check_cpu_s":{:.6f},"life_cycle_cpu_s":{:.6f},)"
      R"("checks_per_cpu_second":{:.4e},"tick_ms_p50":{:.3f},"tick_ms_p99":{:.3f},)"
      R"("tick_ms_max":{:.3f},"bytes_per_host_field_tick":{:.2f},"simd_target":"{}",)"
      R"("verdict_checksum":"{:016x}","opened":{},"resolved":{},"changes":{},"columns":{})",
      of.hosts, of.rules, of.ticks, checks, wall_s, cpu_s, check_cpu_s, life_cycle_cpu_s,
      checks_per_cpu_second(), tick_ms_p50, tick_ms_p99, tick_ms_max, bytes_per_host_field_tick,
      simd_target, verdict_checksum, opened, resolved, changes, columns);
  if (naive_checksum)
    out += fmt::format(R"(,"naive_checksum":"{:016x}","verified":{})", *naive_checksum, verified());
  return out + "}";
}

std::string report::text() const {
  auto out = fmt::format(
      "kernel alone (windows, rule plan, life cycle; no Redis, no samples parsed)\n"
      "  {} hosts × {} rules × {} ticks = {:.3e} checks on {} window columns, {}\n"
      "  {:.3e} checks per CPU-second ({:.3f} s of CPU: {:.3f} checks, {:.3f} life cycle;\n"
      "  {:.3f} s of wall time)\n"
      "  a tick takes {:.2f} ms (p50), {:.2f} ms (p99), {:.2f} ms (max)\n"
      "  {} verdict changes ({} opened, {} resolved), {:.1f} ns of CPU each if they were all\n"
      "  {:.1f} bytes of memory per host, field and tick of the longest window\n"
      "  checksum over every verdict change {:016x}",
      of.hosts, of.rules, of.ticks, static_cast<double>(checks), columns, simd_target,
      checks_per_cpu_second(), cpu_s, check_cpu_s, life_cycle_cpu_s, wall_s, tick_ms_p50,
      tick_ms_p99, tick_ms_max, changes, opened, resolved,
      changes ? cpu_s * 1e9 / static_cast<double>(changes) : 0.0, bytes_per_host_field_tick,
      verdict_checksum);
  if (naive_checksum)
    out += fmt::format("\n  a plain scan of every window gives {:016x}: {}", *naive_checksum,
                       verified() ? "the same" : "DIFFERENT");
  return out + "\n";
}

} // namespace tocsin::evaluate
