#pragma once

#include <string_view>

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin bench`: measures the engine on this machine, with the standard workload.
void add_bench(CLI::App&, int& exit_code);

/// `tocsin bench evaluate`.
void add_bench_evaluate(CLI::App& bench, int& exit_code);

/// `tocsin bench pipeline`, and what it starts of itself.
void add_bench_pipeline(CLI::App& bench, int& exit_code);

/// `tocsin bench restart`.
void add_bench_restart(CLI::App& bench, int& exit_code);

/// Says on standard error what went wrong with a measurement; gives the exit code back.
int fail(std::string_view measurement, int exit_code, std::string_view message);

} // namespace tocsin
