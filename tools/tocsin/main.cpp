#include "tools/tocsin/commands.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
  CLI::App app{"Tocsin: an alerting engine for large clusters.\n"
               "Hosts report metrics, rules are checked over rolling windows, incidents stand\n"
               "exactly once in a Redis stream."};
  app.name("tocsin");
  app.set_version_flag("--version", "tocsin " TOCSIN_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for every command");
  int exit_code = tocsin::exit_done;
  tocsin::add_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? tocsin::exit_done : tocsin::exit_usage;
  }
  return exit_code;
}
