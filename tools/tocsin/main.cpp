#include "config/json_text.hpp"
#include "tools/tocsin/commands.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace {

// The message as a JSON string.
class json_message : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& m, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const auto text = tocsin::quote_json(std::string_view(m.payload.data(), m.payload.size()));
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<json_message>();
  }
};

// Everything for people goes to standard error.
void log_to_stderr(const std::string& level, const std::string& form) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("tocsin"));
  if (form == "json") {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<json_message>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})");
    spdlog::set_formatter(std::move(formatter));
  } else {
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  }
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
  std::string form = "text";
  app.add_option("--log-format", form, "text for people, json for machines: one object per line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.parse_complete_callback([&] { log_to_stderr(level, form); });
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
