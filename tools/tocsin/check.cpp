#include "tools/tocsin/check.hpp"

#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/http_url.hpp"
#include "config/json_text.hpp"
#include "config/memory.hpp"
#include "config/read_settings.hpp"
#include "config/redis_source.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/data_folder.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <string>
#include <vector>

namespace tocsin {

namespace {

struct check_arguments {
  data_folder data;
  std::uint64_t hosts = 1'000;
  bool json = false;
};

std::string plural(std::uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// What of a webhook may be shown: the rest of its URL, its headers and its secret are nobody's.
std::string site_of(const std::string& url) {
  const auto parts = read_http_url(url);
  return parts ? parts->site() : "";
}

// "opened, resolved".
std::string events_of(const webhook& hook) {
  std::vector<std::string_view> out;
  for (const auto& [on, name] : {std::pair(hook.on_opened, "opened"),
                                 {hook.on_resolved, "resolved"},
                                 {hook.on_watchdog, "watchdog"}})
    if (on)
      out.emplace_back(name);
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string labels_of(const webhook& hook) {
  std::vector<std::string> out;
  for (const auto& condition : hook.match)
    out.push_back(quote_json(condition.label));
  return fmt::format("{}", fmt::join(out, ","));
}

// How it is shown who asks.
std::string_view credentials_of(const alertmanager_entry& to) {
  return !to.token.empty() ? "bearer" : !to.username.empty() ? "basic" : "";
}

// Members that say how a sink is narrowed or guarded stand there only where it is.
std::string sinks_json(const settings& under) {
  std::vector<std::string> sinks;
  for (const auto& hook : under.webhooks)
    sinks.push_back(
        fmt::format(R"({{"kind":"webhook","name":{},"site":{},"signed":{}{}}})",
                    quote_json(hook.name), quote_json(site_of(hook.url)), !hook.secret.empty(),
                    hook.match.empty() ? "" : fmt::format(R"(,"match":[{}])", labels_of(hook))));
  for (const auto& to : under.alertmanagers)
    sinks.push_back(fmt::format(R"({{"kind":"alertmanager","url":{}{}}})", quote_json(to.url),
                                credentials_of(to).empty()
                                    ? ""
                                    : fmt::format(R"(,"credentials":"{}")", credentials_of(to))));
  return fmt::format("[{}]", fmt::join(sinks, ","));
}

void print_json(const settings_report& report, const memory_projection& memory, bool ok) {
  std::string problems;
  for (const auto& problem : report.problems)
    problems += (problems.empty() ? "" : ",") + problem.json();
  put(R"({{"ok":{},"problems":[{}],"rules":{},"memory":{},"sinks":{}}})"
      "\n",
      ok, problems, memory.rules, ok ? memory.json() : "null",
      ok ? sinks_json(report.value) : "null");
}

void print_memory(const settings& under, const memory_projection& memory) {
  say("memory for {}, one report each every {}:\n", plural(memory.hosts, "host"),
      describe_duration(under.interval_ms));
  say("  windows  {}\n", describe_byte_size(memory.ring_bytes));
  say("  state    {}\n", describe_byte_size(memory.state_bytes));
  say("  log      about {} in Redis for {}, of which the longest window needs {}\n",
      describe_byte_size(memory.log_bytes), describe_duration(under.monitoring_retention_ms),
      describe_byte_size(memory.log_needed_bytes));
  const auto budget = describe_byte_size(memory.log_budget_bytes);
  if (memory.log_too_small())
    say("           but tocsin.logBytes is {}: after a restart windows would lack ticks\n", budget);
  else if (memory.log_share() < 1)
    say("           tocsin.logBytes is {}: it reaches back about {}\n", budget,
        describe_roughly(static_cast<std::int64_t>(
            memory.log_share() * static_cast<double>(under.monitoring_retention_ms))));
  if (under.memory_bytes != 0 && memory.engine_bytes() > under.memory_bytes)
    say("           and tocsin.memory is {}: the windows do not fit\n",
        describe_byte_size(under.memory_bytes));
}

void print_sinks(const settings& under) {
  if (!under.webhooks.empty() || !under.alertmanagers.empty())
    say("told about incidents:\n");
  for (const auto& hook : under.webhooks)
    say("  webhook       {} at {}, {}{}{}\n", hook.name, site_of(hook.url), events_of(hook),
        hook.match.empty() ? "" : fmt::format(", where {} match", labels_of(hook)),
        hook.secret.empty() ? ", not signed" : "");
  for (const auto& to : under.alertmanagers)
    say("  alertmanager  {}{}{}\n", to.url,
        credentials_of(to).empty() ? "" : fmt::format(", {} credentials", credentials_of(to)),
        to.certificate.cert_file.empty() ? "" : ", with a certificate");
}

void print_for_people(const std::string& path, const settings_report& report,
                      const memory_projection& memory, bool ok) {
  for (const auto& problem : report.problems)
    say("{}\n", problem.text());
  if (!ok) {
    std::uint64_t errors = 0;
    for (const auto& problem : report.problems)
      errors += problem.level == diagnostic::severity::error ? 1 : 0;
    say("{}: {}: nothing would start\n", path, plural(errors, "error"));
    return;
  }
  const auto warnings = report.problems.size();
  say("{}: {}; {} on {} ({})\n", path, warnings == 0 ? "fine" : plural(warnings, "warning"),
      plural(memory.rules, "rule"), plural(memory.fields, "field"),
      plural(memory.windows, "window"));
  if (!report.value.monitoring_enabled)
    say("monitoring is disabled: set {} to true to serve\n",
        report.flat ? "enabled" : "pro.monitoring.enabled");
  else if (!report.value.alerting_enabled)
    say("alerting is disabled: samples are collected, no rule is checked\n");
  print_sinks(report.value);
  print_memory(report.value, memory);
}

settings_report one_error(const std::string& file, std::string message) {
  settings_report out;
  out.problems.push_back({.file = file, .pointer = "", .message = std::move(message)});
  out.found = 1;
  return out;
}

int run_check(const check_arguments& given) {
  const auto env = process_environment();
  const auto found = given.data.config_path();
  const auto path = found ? *found : given.data.data_dir;
  auto report = found ? read_settings_file(path, env, purpose::serve)
                      : one_error(path, found.failure().message);
  for (auto& problem : redis_problems(env))
    report.problems.push_back(std::move(problem));
  const bool ok = !has_errors(report.problems);
  const auto memory = project_memory(report.value, given.hosts);
  if (given.json)
    print_json(report, memory, ok);
  else
    print_for_people(path, report, memory, ok);
  return ok ? exit_done : exit_usage;
}

} // namespace

void add_check(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "check", "Read the configuration, report every error and warning with its place, and what "
               "the rules need");
  const auto given = std::make_shared<check_arguments>();
  add_data_options(*command, given->data);
  command->add_option("--hosts", given->hosts, "How many hosts to project the memory for")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{16'777'216}));
  command->add_flag("--json", given->json, "One JSON object on standard output, for programs");
  command->footer("Exit code 0: fine, perhaps with warnings; 2: errors, nothing would start.\n"
                  "Examples:\n"
                  "  tocsin check --config tocsin.json --hosts 20000\n"
                  "  tocsin check --data-dir /var/lib/botpress/data\n"
                  "  tocsin check --json | jq '.problems[].message'");
  command->callback([given, &exit_code] { exit_code = run_check(*given); });
}

} // namespace tocsin
