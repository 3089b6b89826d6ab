#include "tools/tocsin/agent.hpp"

#include "actors/http/access.hpp"
#include "actors/http/client.hpp"
#include "actors/machine/agent.hpp"
#include "actors/machine/local_metrics.hpp"
#include "config/duration.hpp"
#include "tools/tocsin/agent_token.hpp"
#include "tools/tocsin/open_files.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <memory>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

constexpr int exit_usage = 2;
constexpr std::int64_t interval_ms_min = 100;
constexpr std::int64_t interval_ms_max = 3'600'000;

struct agent_arguments {
  std::vector<std::string> to;
  std::string token_file;
  std::string interval = "10s";
  std::string host;
  bool no_leave = false;
};

volatile std::sig_atomic_t stop_asked = 0;

void ask_to_stop(int) {
  stop_asked = 1;
}

int wrong_usage(const std::string& message) {
  tocsin::say("tocsin agent: {}\n", message);
  return exit_usage;
}

result<agent_options> read_arguments(const agent_arguments& given) {
  agent_options options{.servers = given.to, .host = given.host, .leave = !given.no_leave};
  for (const std::string& url : given.to) {
    if (const auto parts = http::parse_url(url); !parts) {
      return error{"--to: " + parts.failure().message};
    }
  }
  const auto interval = read_duration(given.interval);
  if (!interval || *interval < interval_ms_min || *interval > interval_ms_max) {
    return error{fmt::format("--interval: `{}` is no duration from 100ms to 1h", given.interval)};
  }
  options.interval_ms = *interval;
  if (given.host.empty()) {
    auto name = local_host_name();
    if (!name) {
      return name.failure();
    }
    options.host = std::move(*name);
  }
  if (const auto fine = check_host_name(options.host); !fine) {
    return error{"--host: " + fine.failure().message};
  }
  return options;
}

void warn_of_clear_tokens(const std::vector<std::string>& servers) {
  for (const std::string& url : servers) {
    const auto parts = http::parse_url(url);
    if (parts && !parts->tls && !http::is_loopback(parts->host)) {
      spdlog::warn("agent: the token goes to {} in clear; use https:// or a tunnel", url);
    }
  }
}

int run_agent(const agent_arguments& given) {
  raise_open_files();
  auto options = read_arguments(given);
  if (!options) {
    return wrong_usage(options.failure().message);
  }
  auto token = agent_token::read(given.token_file, std::getenv("TOCSIN_TOKEN"));
  if (!token) {
    return wrong_usage(token.failure().message);
  }
  if (token->any()) {
    warn_of_clear_tokens(options->servers);
  }
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGPIPE, SIG_IGN);

  const auto clock = make_system_clock([] { return stop_asked != 0; });
  const auto door = make_http_door(options->servers, [&] { return token->now(); });
  machine_meter meter;
  static_cast<void>(read_machine(meter)); // so that the first sample has cpu.usage
  spdlog::info("agent: reports {} to {} every {}", options->host, fmt::join(options->servers, ", "),
               describe_duration(options->interval_ms));
  agent reports(
      *options, *clock,
      [&meter, host = options->host](std::int64_t ts_ms) {
        return sample_json(host, ts_ms, read_machine(meter));
      },
      *door);
  reports.run();
  return 0;
}

} // namespace

void add_agent(CLI::App& app, int& exit_code) {
  auto given = std::make_shared<agent_arguments>();
  CLI::App* command = app.add_subcommand(
      "agent", "Report this machine's CPU, load, memory, disks and network to a tocsin server");
  command
      ->add_option("--to", given->to,
                   "Server to report to, http://HOST:PORT or https://HOST; give it again for more: "
                   "when one does not answer, the next is tried at once")
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("URL");
  command
      ->add_option("--token-file", given->token_file,
                   "File with the server's token (or TOCSIN_TOKEN); read again when it changes")
      ->type_name("FILE");
  command->add_option("--interval", given->interval, "How often to report; as on the server")
      ->capture_default_str()
      ->type_name("DURATION");
  command->add_option("--host", given->host, "Name to report under (default: the host name)")
      ->type_name("NAME");
  command->add_flag("--no-leave", given->no_leave,
                    "Do not say `gone` when stopped: the host then counts as silent");
  command->footer(
      "While no server can be reached, up to an hour of samples is kept and sent later with its\n"
      "own times. An authority of your own for https:// goes into SSL_CERT_FILE.\n\n"
      "Examples:\n"
      "  tocsin agent --to http://127.0.0.1:9480\n"
      "  tocsin agent --to https://a.example --to https://b.example --token-file token\n"
      "  tocsin agent --to http://10.0.0.5:9480 --host node-7 --interval 30s");
  command->callback([given, &exit_code] { exit_code = run_agent(*given); });
}

} // namespace tocsin
