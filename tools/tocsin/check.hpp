#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// Registers `tocsin check`: reads the configuration, reports every error and warning with its
/// place, and what the rules need. Its callback leaves 0 or, with errors, 2 in exit_code, which
/// must outlive the app.
void add_check(CLI::App& app, int& exit_code);

} // namespace tocsin
