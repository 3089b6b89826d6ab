#include "tools/tocsin/replay.hpp"

#include "config/json_text.hpp"
#include "config/keyed_hash.hpp"
#include "config/read_settings.hpp"
#include "streams/partition/file_replay.hpp"
#include "streams/partition/log_replay.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/redis_option.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <memory>

namespace tocsin {

namespace {

struct replay_options {
  std::string config;
  std::string samples;
  bool log = false;
  redis_option redis;
};

// Each field is reported once: a stream of strings would else be a stream of complaints.
class drop_reporter {
public:
  void operator()(std::uint64_t line, const dropped_field& d) {
    if (++seen_[d.field] == 1)
      say("line {}: field {} is dropped: {} (reported once)\n", line, quote_for_people(d.field),
          d.why);
  }

private:
  std::unordered_map<std::string, std::uint64_t, text_hash> seen_;
};

int replay_file(const replay_options& o, const settings& s) {
  std::ifstream file;
  std::istream* in = &std::cin;
  if (o.samples != "-") {
    file.open(o.samples, std::ios::binary);
    if (!file || std::filesystem::is_directory(o.samples)) {
      say("{}: cannot read the samples: {}\n", o.samples,
          file ? "it is a folder" : std::strerror(errno));
      return exit_usage;
    }
    in = &file;
  }
  std::uint64_t events = 0;
  file_replay replay(std::make_shared<partition_plan>(s),
                     {[&](const incident_event& e) {
                        ++events;
                        put("{}\n", event_json(e));
                      },
                      [](std::uint64_t line, const std::string& why) {
                        say("line {}: rejected: {}\n", line, why);
                      },
                      drop_reporter{}});
  std::string line;
  while (!output_failed() && std::getline(*in, line))
    replay.line(line);
  replay.finish();
  say("{} lines, {} rejected, {} events\n", replay.lines(), replay.rejected(), events);
  return exit_done;
}

int replay_redis(const replay_options& o, const settings& s) {
  auto engine = connect(o.redis);
  if (!engine) {
    say("tocsin replay: {}\n", engine.failure().message);
    return exit_failure;
  }
  const auto report =
      replay_log(engine->connection, engine->keys, std::make_shared<partition_plan>(s),
                 [](const incident_event& e) { put("{}\n", event_json(e)); });
  if (!report) {
    say("tocsin replay: {}\n", report.failure().message);
    return exit_failure;
  }
  if (!report->whole)
    say("the log's beginning was cut off: rules are checked from {} on\n",
        iso_time(report->checked_from_ms));
  say("{} entries, {} ticks, {} events\n", report->entries, report->ticks, report->events);
  return exit_done;
}

int run_replay(const replay_options& o) {
  const auto report = read_settings_file(o.config, process_environment(), purpose::replay);
  for (const auto& d : report.problems)
    say("{}\n", d.text());
  if (has_errors(report.problems))
    return exit_usage;
  return o.log ? replay_redis(o, report.value) : replay_file(o, report.value);
}

} // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<replay_options>();
  auto* cmd = app.add_subcommand("replay", "Run rules over recorded samples and print the events");
  cmd->add_option("--config", options->config,
                  "The tocsin.json or botpress.config.json with the rules")
      ->type_name("FILE")
      ->required();
  auto* samples =
      cmd->add_option("--samples", options->samples, "NDJSON of samples and heartbeats; - is stdin")
          ->type_name("FILE");
  auto* log = cmd->add_flag("--log", options->log,
                            "The log in Redis, along its record of seals, instead of a file");
  samples->excludes(log);
  add_redis_options(*cmd, options->redis);
  cmd->callback([options, &exit_code] {
    if (options->samples.empty() && !options->log)
      throw CLI::RequiredError("--samples FILE or --log");
    exit_code = run_replay(*options);
  });
  cmd->footer("Examples:\n"
              "  tocsin replay --config data/tocsin.json --samples day.ndjson > events.ndjson\n"
              "  tocsin replay --config data/global/botpress.config.json --log\n"
              "  zcat day.ndjson.gz | tocsin replay --config rules.json --samples -");
}

} // namespace tocsin
