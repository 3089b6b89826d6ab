#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// What the program ends with.
inline constexpr int exit_done = 0;
inline constexpr int exit_test_failed = 1; ///< what was tried out does not work
inline constexpr int exit_usage = 2;       ///< wrong usage or configuration
inline constexpr int exit_failure = 3;     ///< something failed while running

/// Registers every subcommand; the one that is called sets `exit_code`.
void add_commands(CLI::App&, int& exit_code);

} // namespace tocsin
