#include "config/json_text.hpp"
#include "config/safe_text.hpp"
#include "streams/process/keeper.hpp"
#include "tools/tocsin/command_line.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::string json_message(std::string_view text) {
  return tocsin::safe_lines(tocsin::quote_json(text));
}

// The message in one line that a terminal only shows, whatever names stand in it.
class message_part : public spdlog::custom_flag_formatter {
public:
  using writer = std::string (*)(std::string_view);
  explicit message_part(writer write) : write_(write) {}

  void format(const spdlog::details::log_msg& m, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const auto text = write_(std::string_view(m.payload.data(), m.payload.size()));
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<message_part>(write_);
  }

private:
  writer write_;
};

// Everything for people goes to standard error.
void log_to_stderr(const std::string& level, const std::string& form) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("tocsin"));
  const bool json = form == "json";
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<message_part>('*', json ? json_message : tocsin::safe_line)
      .set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})"
                        : "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %*");
  spdlog::set_formatter(std::move(formatter));
  spdlog::set_level(spdlog::level::from_str(level));
}

// What nobody caught ends the program, but not before it is said as everything else is.
[[noreturn]] void tell_and_abort() {
  try {
    if (const auto thrown = std::current_exception())
      std::rethrow_exception(thrown);
    spdlog::critical("the program cannot go on");
  } catch (const std::exception& e) {
    spdlog::critical("the program cannot go on: {}", e.what());
  } catch (...) {
    spdlog::critical("the program cannot go on: something was thrown that is no exception");
  }
  spdlog::default_logger()->flush();
  std::abort();
}

// The first word, where it should be a command and is none.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty() || words[0].starts_with('-'))
    return {};
  const auto known =
      app.get_subcommands([&](const CLI::App* c) { return c->check_name(words[0]); });
  return known.empty() ? words[0] : std::string();
}

} // namespace

int main(int argc, char** argv) {
  if (argc > 3 && argv[1] == tocsin::keeper_word) // nobody's command: hooks are run so
    return tocsin::keep_children(argv + 2);
  tocsin::keep_standard_streams();
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
  std::set_terminate(tell_and_abort);
  app.fallthrough();
  int exit_code = tocsin::exit_done;
  tocsin::add_commands(app, exit_code);
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words[0] == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  if (const auto unknown = unknown_command(app, words); !unknown.empty()) {
    tocsin::say("tocsin: there is no command {}: see `tocsin --help`\n",
                tocsin::quote_for_people(unknown));
    return tocsin::exit_usage;
  }
  if (const auto s = tocsin::settle_words(app, words); !s) {
    tocsin::say("tocsin: {}\n", s.failure().message);
    return tocsin::exit_usage;
  }
  std::reverse(words.begin(), words.end()); // as CLI11 takes them
  try {
    app.parse(words);
  } catch (const CLI::ParseError& e) {
    std::ostringstream out, err;
    const bool asked = app.exit(e, out, err) == 0; // for help, or the version
    tocsin::put_text(out.str());
    tocsin::say_text(err.str());
    return asked ? tocsin::finish_output(tocsin::exit_done) : tocsin::exit_usage;
  }
  return tocsin::finish_output(exit_code);
}
