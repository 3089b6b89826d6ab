#include "bench/pipeline/restart.hpp"
#include "config/duration.hpp"
#include "tools/tocsin/bench.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/progress_line.hpp"
#include "tools/tocsin/signals.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>

namespace tocsin {

namespace {

struct restart_arguments {
  bench::restart_options options;
  std::string interval = "10s";
  bool kill = false;
  bool kill_redis = false;
  bool json = false;
};

int run_restart(restart_arguments& a) {
  const auto interval = read_duration(a.interval);
  if (!interval || *interval < 200 || *interval > 3'600'000)
    return fail("restart", exit_usage,
                fmt::format("--interval: `{}` is no duration from 200ms to 1h", a.interval));
  a.options.scene.interval_ms = *interval;
  a.options.how = a.kill_redis ? bench::ending::kill_redis
                  : a.kill     ? bench::ending::kill
                               : bench::ending::stop;
  const stop_signals signals;
  progress_line line;
  const auto report =
      bench::run_restart(a.options, {[&](std::int64_t ms) { return signals.wait_ms(ms); },
                                     [&](const std::string& text) { line.say(text); }});
  line.clear();
  if (!report)
    return fail("restart", exit_failure, report.failure().message);
  put("{}{}", a.json ? report->json() : report->text(), a.json ? "\n" : "");
  return exit_done;
}

} // namespace

void add_bench_restart(CLI::App& bench_command, int& exit_code) {
  auto a = std::make_shared<restart_arguments>();
  auto& o = a->options.scene;
  o.hosts = 100'000;
  auto* cmd = bench_command.add_subcommand(
      "restart", "How long an engine is away that is ended and started again, with a log of ten "
                 "minutes, an engine and a Redis of its own in a temporary folder");
  cmd->add_option("--hosts", o.hosts, "Hosts that report ten fields each, once an interval")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{16'000'000}))
      ->capture_default_str();
  cmd->add_option("--rules", o.rules, "Rules of the standard workload")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  cmd->add_option("--interval", a->interval, "Length of a tick; windows keep their ticks")
      ->type_name("DURATION")
      ->capture_default_str();
  cmd->add_option("--history", o.history, "Ticks in the log before the engine starts (default: 60)")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{4'096}));
  cmd->add_option("--fire", o.fire, "Share of the hosts that breaches each rule, about")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  cmd->add_option("--batch", o.batch, "Samples in a request or log entry")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{3'000}))
      ->capture_default_str();
  cmd->add_flag("--kill", a->kill, "End the engine with kill -9, not in good order");
  cmd->add_flag("--kill-redis", a->kill_redis, "And its Redis too");
  cmd->add_flag("--json", a->json, "One JSON object on standard output");
  cmd->callback([a, &exit_code] { exit_code = run_restart(*a); });
  cmd->footer("Times count from the start of the engine's process; bench/README.md says how it "
              "measures.\n\n"
              "Examples:\n"
              "  tocsin bench restart\n"
              "  tocsin bench restart --hosts 10000 --rules 100 --kill-redis --json");
}

} // namespace tocsin
