#include "tools/tocsin/commands.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace {

// Everything for people goes to standard error.
void log_to_stderr(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("tocsin"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Tocsin: an alerting engine for large clusters.\n"
               "Hosts report metrics, rules are checked over rolling windows, incidents stand\n"
               "exactly once in a Redis stream."};
  app.name("tocsin");
  app.set_version_flag("--version", "tocsin " TOCSIN_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for every command");
  std::string level = "info";
  app.add_option("--log-level", level, "trace, debug, info, warning, error, critical or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}))
      ->capture_default_str();
  app.parse_complete_callback([&level] { log_to_stderr(level); });
  app.fallthrough();
  int exit_code = tocsin::exit_done;
  tocsin::add_commands(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? tocsin::exit_done : tocsin::exit_usage;
  }
  return exit_code;
}
