#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// Adds `tocsin agent` to the program. `exit_code` must outlive `app`; it is set when the
/// subcommand has run: 0 done, 2 wrong usage, 3 runtime failure.
void add_agent(CLI::App& app, int& exit_code);

} // namespace tocsin
