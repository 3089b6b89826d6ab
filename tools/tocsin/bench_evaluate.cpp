#include "bench/evaluate/evaluate.hpp"
#include "bench/standard/workload.hpp"
#include "tools/tocsin/bench.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

namespace tocsin {

namespace {

struct evaluate_arguments {
  evaluate::options options;
  std::string window = "mixed";
  double flip = -1; // not given
  bool json = false;
};

int run_evaluate(evaluate_arguments& a) {
  const auto window = workload::read_window(a.window);
  if (!window) {
    say("tocsin bench evaluate: --window: {}\n", window.failure().message);
    return exit_usage;
  }
  a.options.window_ticks = *window;
  if (a.flip >= 0)
    a.options.flip = a.flip;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto report = evaluate::run(a.options, [&](const std::string& what) {
    if (terminal) {
      say_raw(fmt::format("\r\x1b[K{}", what));
    }
  });
  if (terminal)
    say_raw("\r\x1b[K");
  put("{}{}", a.json ? report.json() : report.text(), a.json ? "\n" : "");
  if (report.verified())
    return exit_done;
  say("tocsin bench evaluate: the scan found other verdict changes\n");
  return exit_failure;
}

void add_options(CLI::App& cmd, evaluate_arguments& a) {
  auto& o = a.options;
  cmd.add_option("--hosts", o.hosts, "Hosts with ten fields each")
      ->check(CLI::Range(std::size_t{1}, std::size_t{16'000'000}))
      ->capture_default_str();
  cmd.add_option("--rules", o.rules, "Rules")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  cmd.add_option("--ticks", o.ticks, "Ticks that are measured")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000}))
      ->capture_default_str();
  cmd.add_option("--fire", o.fire, "Share of the hosts that breaches each rule, about")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  cmd.add_option("--window", a.window, "Of each rule: mixed (1 to 10 minutes), or such as 60m")
      ->capture_default_str();
  cmd.add_flag("--distinct", o.distinct, "Every rule has a window column of its own");
  cmd.add_option("--flip", a.flip, "This share of all verdicts changes at each tick")
      ->check(CLI::Range(0.0, 1.0));
  cmd.add_option("--threads", o.threads, "0: one for each core")->capture_default_str();
  cmd.add_flag("--verify", o.verify,
               "Find every verdict change by a plain scan of the windows too, and compare; slow");
  cmd.add_flag("--json", a.json, "One JSON object on standard output");
}

} // namespace

void add_bench_evaluate(CLI::App& bench_command, int& exit_code) {
  auto a = std::make_shared<evaluate_arguments>();
  auto* cmd = bench_command.add_subcommand(
      "evaluate", "The kernel alone: windows, rule plan and life cycle of incidents, in memory");
  add_options(*cmd, *a);
  cmd->callback([a, &exit_code] { exit_code = run_evaluate(*a); });
  cmd->footer("No samples are parsed, no Redis takes part; windows are filled outside the measured "
              "time.\n\n"
              "Examples:\n"
              "  tocsin bench evaluate\n"
              "  tocsin bench evaluate --hosts 1000000 --fire 0.0001 --ticks 10\n"
              "  tocsin bench evaluate --hosts 1000 --rules 240 --ticks 5 --verify --json\n"
              "  tocsin bench evaluate --flip 0.5");
}

} // namespace tocsin
