#include "bench/pipeline/load.hpp"
#include "bench/pipeline/pipeline.hpp"
#include "bench/pipeline/plot.hpp"
#include "config/duration.hpp"
#include "tools/tocsin/bench.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/progress_line.hpp"
#include "tools/tocsin/signals.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fstream>
#include <memory>

namespace tocsin {

namespace {

using bench::pipeline_options;

struct pipeline_arguments {
  pipeline_options options;
  std::string interval = "10s";
  std::string window = "mixed";
  std::string plot;
  bool json = false;
};

status read_arguments(pipeline_arguments& a) {
  const auto interval = read_duration(a.interval);
  if (!interval || *interval < 200 || *interval > 3'600'000)
    return error{fmt::format("--interval: `{}` is no duration from 200ms to 1h", a.interval)};
  a.options.interval_ms = *interval;
  const auto window = workload::read_window(a.window);
  if (!window)
    return error{"--window: " + window.failure().message};
  a.options.window_ticks = *window;
  return bench::check_options(a.options);
}

status write_plot(const std::string& path, const bench::pipeline_report& report) {
  std::ofstream out(path);
  out << bench::draw(report);
  out.close();
  return out ? status(done{}) : error{path + " cannot be written"};
}

int run_pipeline(pipeline_arguments& a) {
  if (const auto s = read_arguments(a); !s)
    return fail("pipeline", exit_usage, s.failure().message);
  const stop_signals signals;
  progress_line line;
  const auto report =
      bench::run_pipeline(a.options, {[&](std::int64_t ms) { return signals.wait_ms(ms); },
                                      [&](const std::string& text) { line.say(text); }});
  line.clear();
  if (!report)
    return fail("pipeline", exit_failure, report.failure().message);
  if (a.json)
    put("{}\n", report->json());
  else
    put("{}", report->text());
  if (!a.plot.empty())
    if (const auto s = write_plot(a.plot, *report); !s)
      return fail("pipeline", exit_failure, s.failure().message);
  return exit_done;
}

void add_options(CLI::App& cmd, pipeline_arguments& a) {
  auto& o = a.options;
  cmd.add_option("--hosts", o.hosts, "Hosts that report ten fields each, once an interval")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{16'000'000}))
      ->capture_default_str();
  cmd.add_option("--rules", o.rules, "Rules of the standard workload")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  cmd.add_option("--interval", a.interval, "Length of a tick; windows keep their ticks")
      ->type_name("DURATION")
      ->capture_default_str();
  cmd.add_option("--ticks", o.ticks, "Ticks that are measured")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000}))
      ->capture_default_str();
  cmd.add_option("--warm", o.warm, "Live ticks before these")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000}))
      ->capture_default_str();
  cmd.add_option(
         "--history", o.history,
         "Ticks written into the log before the engine starts (default: as many as the longest "
         "window has)")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{4'096}));
  cmd.add_option("--fire", o.fire, "Share of the hosts that breaches each rule, about")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  cmd.add_flag(
      "--noisy", o.noisy,
      "Thresholds as bench/peers has them: whatever --fire says, over 1 % of the hosts cross "
      "those of `last` at nearly each tick");
  cmd.add_option("--window", a.window, "Of each rule: mixed (1 to 10 minutes), or such as 5m")
      ->capture_default_str();
  cmd.add_flag("--direct", o.direct, "Write the log in Redis instead of posting over HTTP");
  cmd.add_option("--batch", o.batch, "Samples in a request or log entry")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{20'000}))
      ->capture_default_str();
  cmd.add_option("--connections", o.senders, "Connections that samples are posted over, at most")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  cmd.add_flag("--storm", o.storm,
               "In the second tick every host breaches one rule more: how long until all is read");
  cmd.add_option("--events-per-s", o.events_per_s,
                 "Other values and rules, whose verdicts flip so that about so many events come")
      ->check(CLI::Range(0.0, 1e7));
}

// What the measurement starts of itself: plays the hosts.
void add_load(CLI::App& bench_command, int& exit_code) {
  auto words = std::make_shared<std::vector<std::string>>();
  auto* cmd = bench_command.add_subcommand("pipeline-load")->group("");
  cmd->add_option("words", *words)->required();
  cmd->callback([words, &exit_code] {
    const auto o = bench::read_load_options(*words);
    if (!o)
      exit_code = fail("pipeline", exit_usage, o.failure().message);
    else if (const auto s = bench::run_load(*o); !s)
      exit_code = fail("pipeline", exit_failure, s.failure().message);
  });
}

} // namespace

void add_bench_pipeline(CLI::App& bench_command, int& exit_code) {
  auto a = std::make_shared<pipeline_arguments>();
  auto* cmd = bench_command.add_subcommand(
      "pipeline", "The whole way, from a host's report to a consumer's read, with an engine and a "
                  "Redis of its own in a temporary folder");
  add_options(*cmd, *a);
  cmd->add_flag("--json", a->json, "One JSON object on standard output");
  cmd->add_option("--plot", a->plot, "Draw latency and CPU of each tick")->type_name("FILE.svg");
  cmd->callback([a, &exit_code] { exit_code = run_pipeline(*a); });
  cmd->footer("Latencies count from when a tick is due, its end + grace. bench/README.md says how "
              "it measures.\n\n"
              "Examples:\n"
              "  tocsin bench pipeline --hosts 10000 --rules 1000\n"
              "  tocsin bench pipeline --hosts 1000000 --rules 1000 --direct --plot million.svg\n"
              "  tocsin bench pipeline --hosts 100000 --storm --json\n"
              "  tocsin bench pipeline --hosts 10000 --rules 1000 --events-per-s 50000 --ticks 30");
  add_load(bench_command, exit_code);
}

} // namespace tocsin
