#pragma once

namespace CLI {
class App;
}

namespace tocsin {

/// `tocsin replay`: samples of a file, or of the log, and rules → events.
void add_replay(CLI::App&, int& exit_code);

} // namespace tocsin
