#include "tools/tocsin/bench.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace tocsin {

void add_bench(CLI::App& app, int& exit_code) {
  auto* cmd = app.add_subcommand("bench", "Measure the engine on this machine with the standard "
                                          "workload: ten fields a host, rules over all of them");
  cmd->require_subcommand(1);
  add_bench_evaluate(*cmd, exit_code);
  add_bench_pipeline(*cmd, exit_code);
  add_bench_restart(*cmd, exit_code);
}

int fail(std::string_view measurement, int exit_code, std::string_view message) {
  say("tocsin bench {}: {}\n", measurement, message);
  return exit_code;
}

} // namespace tocsin
