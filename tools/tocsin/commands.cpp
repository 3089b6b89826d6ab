#include "tools/tocsin/commands.hpp"

#include "tools/tocsin/replay.hpp"

#include <CLI/CLI.hpp>

namespace tocsin {

void add_commands(CLI::App& app, int& exit_code) {
  add_replay(app, exit_code);
}

} // namespace tocsin
