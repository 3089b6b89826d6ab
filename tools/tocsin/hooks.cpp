#include "tools/tocsin/hooks.hpp"

#include "actors/machine/local_metrics.hpp"
#include "actors/sinks/make_sinks.hpp"
#include "config/read_settings.hpp"
#include "config/spelling.hpp"
#include "streams/rule/event_writer.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/data_folder.hpp"
#include "tools/tocsin/hook_printer.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>

namespace tocsin {

namespace {

constexpr std::int64_t open_ms = 60'000; // how long the made-up incident was open

struct hooks_arguments {
  data_folder data;
  std::string rule;
  std::string host;
  bool json = false;
};

result<settings> read_config(const hooks_arguments& a) {
  const auto path = a.data.config_path();
  if (!path)
    return path.failure();
  auto report = read_settings_file(*path, process_environment(), purpose::serve);
  for (const auto& problem : report.problems)
    say("{}\n", problem.text());
  if (has_errors(report.problems))
    return error{fmt::format("{} has errors", *path)};
  return std::move(report.value);
}

// The one that was asked for, else the first; without rules one that nobody wrote.
result<rule> choose_rule(const hooks_arguments& a, const settings& s) {
  std::vector<std::string_view> names;
  for (const auto& r : s.rules) {
    if (a.rule.empty() || r.name == a.rule)
      return r;
    names.push_back(r.name);
  }
  if (!a.rule.empty())
    return error{fmt::format("there is no rule `{}`{}", a.rule,
                             names.empty() ? "" : ", but " + list_all(names))};
  rule made_up;
  made_up.name = "Hooks test";
  made_up.field = "cpu.usage";
  made_up.threshold = 80;
  made_up.timeframe_ms = 60'000;
  return made_up;
}

// For what has no other place for it: Alertmanager, and what is made for its receivers.
void mark_as_test(text_map& annotations) {
  std::erase_if(annotations, [](const auto& one) { return one.first == "test"; });
  annotations.emplace_back("test", "true");
  std::sort(annotations.begin(), annotations.end());
}

// As it would stand in the stream, but for the mark.
redis::stream_event make_event(const settings& s, const rule& about, const std::string& host,
                               bool opened) {
  using namespace std::chrono;
  static const auto now_ms =
      duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  event_view e;
  e.opened = opened;
  e.about = &about;
  e.host = host;
  e.start_ms = now_ms - open_ms;
  e.end_ms = opened ? 0 : now_ms;
  e.trigger_value = about.threshold;
  event_writer writer;
  writer.begin_tick(s.cluster);
  writer.take(e, opened ? 1 : 2);
  redis::stream_entry entry;
  entry.id = {static_cast<std::uint64_t>(opened ? e.start_ms : e.end_ms), opened ? 1u : 2u};
  const auto fields = writer.fields();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    entry.fields.emplace_back(fields[i], fields[i + 1]);
  auto out = *redis::read_stream_event(entry);
  out.test = true;
  mark_as_test(out.annotations);
  return out;
}

// The hooks, where there are any, and what else is configured.
struct test_sinks {
  std::unique_ptr<hook_sink> hooks;
  std::vector<std::shared_ptr<sink>> others;
};

result<test_sinks> choose_sinks(const settings& s, const std::string& data_dir, hook_printer& out) {
  test_sinks chosen{nullptr, make_sinks(s, {})};
  const auto hooks = data_dir.empty() ? result(std::vector<hook_script>()) : list_hooks(data_dir);
  if (!hooks)
    return hooks.failure();
  if (!data_dir.empty())
    for (const auto& file : list_passed_over(data_dir))
      out.passed_over(file);
  // Where this would listen does not matter here.
  if (!hooks->empty())
    chosen.hooks = std::make_unique<hook_sink>(s, hook_place{data_dir, "http://127.0.0.1:9480"},
                                               out.reports());
  if (!chosen.hooks && chosen.others.empty())
    return error{
        fmt::format("nothing is configured that could be told: {}, and neither "
                    "tocsin.webhooks nor tocsin.alertmanagers",
                    data_dir.empty() ? "no data folder" : "no hook in " + hook_folder(data_dir))};
  return chosen;
}

void tell(test_sinks& sinks, const redis::stream_event& e, hook_printer& out) {
  out.begin(e);
  if (sinks.hooks)
    if (const auto d = sinks.hooks->deliver({&e, 1}); d.what == delivery::outcome::later)
      out.not_run(d.why);
  for (const auto& sink : sinks.others)
    out.took(sink->name(), sink->deliver({&e, 1}));
}

result<int> run_test(const hooks_arguments& a) {
  const auto s = read_config(a);
  if (!s)
    return s.failure();
  const auto about = choose_rule(a, *s);
  const auto host = a.host.empty() ? local_host_name() : result<std::string>(a.host);
  if (!about || !host)
    return about ? host.failure() : about.failure();
  hook_printer out(a.json);
  auto sinks = choose_sinks(*s, a.data.with_hooks(), out);
  if (!sinks)
    return sinks.failure();
  for (const bool opened : {true, false})
    tell(*sinks, make_event(*s, *about, *host, opened), out);
  if (!a.json)
    put("{} of {} failed\n", out.failures(), out.runs());
  return out.failures() == 0 ? exit_done : exit_test_failed;
}

int run(const hooks_arguments& a) {
  const auto ended = run_test(a);
  if (ended)
    return *ended;
  say("tocsin hooks test: {}\n", ended.failure().message);
  return exit_usage;
}

} // namespace

void add_hooks(CLI::App& app, int& exit_code) {
  auto* hooks = app.add_subcommand("hooks", "Try out what is told about incidents");
  hooks->require_subcommand(1);
  auto a = std::make_shared<hooks_arguments>();
  auto* cmd = hooks->add_subcommand(
      "test",
      "Run the hooks, and tell the webhooks and Alertmanagers, with a made-up incident that "
      "opens and is resolved; show what happens");
  add_data_options(*cmd, a->data);
  cmd->add_option("--rule", a->rule, "Name of the rule that is met (default: the first)")
      ->type_name("NAME");
  cmd->add_option("--host", a->host, "Name of the host it is met on (default: this machine's)")
      ->type_name("NAME");
  cmd->add_flag("--json", a->json, "One JSON object per hook and receiver");
  cmd->callback([a, &exit_code] { exit_code = run(*a); });
  const char* examples =
      "Exit code 0: all went well; 1: something failed; 2: there is nothing to "
      "test, or the configuration is wrong.\n"
      "The made-up incident is marked as a test: `incident.test` is true, Alertmanagers "
      "get the annotation `test`, webhooks the header `Tocsin-Test`.\n"
      "Examples:\n"
      "  tocsin hooks test --data-dir /opt/botpress/data\n"
      "  tocsin hooks test --rule 'High CPU' --host web-1\n"
      "  tocsin hooks test --json | jq 'select(.outcome != \"done\")'";
  cmd->footer(examples);
  hooks->footer(examples);
}

} // namespace tocsin
