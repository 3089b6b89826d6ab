#include "tools/tocsin/incidents.hpp"

#include "streams/redis/incident_stream.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/incidents_question.hpp"
#include "tools/tocsin/output.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

namespace tocsin {

namespace {

struct incidents_arguments {
  incidents_question question;
  std::vector<std::string> rules, hosts, labels;
  std::string group_by;
  bool last_given = false;
};

// What the texts of options mean. The error is wrong usage.
status settle(incidents_arguments& a) {
  auto& q = a.question;
  auto filter = incident_filter::read(a.rules, a.hosts, a.labels);
  if (!filter)
    return filter.failure();
  q.filter = std::move(*filter);
  if (a.group_by.empty())
    return done{};
  auto by = read_grouping(a.group_by);
  if (!by)
    return by.failure();
  if (q.follow)
    return error{"--group-by counts what is there, and --follow goes on: leave one of them out"};
  q.group_by = std::move(*by);
  if (!a.last_given)
    q.last = redis::events_read_max;
  return done{};
}

int run(incidents_arguments& a) {
  if (const auto s = settle(a); !s)
    return fail("incidents", s.failure(), exit_usage);
  const auto& q = a.question;
  if (q.http.to.empty()) {
    const auto s = read_incidents_from_redis(q);
    return s ? exit_done : fail("incidents", s.failure(), exit_failure);
  }
  auto api = open_engine(q.http);
  if (!api)
    return fail("incidents", api.failure(), exit_usage);
  const auto s = read_incidents_over_http(q, **api);
  return s ? exit_done : fail("incidents", s.failure(), exit_failure);
}

void add_filters(CLI::App& cmd, incidents_arguments& a) {
  const auto add = [&](const char* name, auto& into, const char* type, const char* text) {
    cmd.add_option(name, into, text)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name(type);
  };
  add("--rule", a.rules, "PATTERN",
      "Only incidents of rules with such a name: * stands for any text, ? for one character. "
      "Again for more: one of them must match");
  add("--host", a.hosts, "PATTERN", "The same for names of hosts");
  add("--label", a.labels, "NAME=PATTERN",
      "The same for a label of the rule. Of several labels all must match");
  cmd.add_option("--group-by", a.group_by,
                 "Count incidents by rule, host or label:NAME: of the past events those that were "
                 "opened (of the last 10000, unless --last says otherwise), with --active those "
                 "that are open")
      ->type_name("WHAT");
}

} // namespace

void print_incident(std::string_view line) {
  put("{}\n", line);
  flush_output();
}

void print_groups(const incidents_question& q, const incident_groups& groups) {
  for (const auto& one : groups.sorted())
    put("{}\n", q.json ? groups.json(one) : groups.text(one));
  if (groups.empty())
    say_none(q);
}

void say_none(const incidents_question& q) {
  if (q.json)
    return;
  if (!q.filter.is_empty())
    say("no such incident {}\n", q.active ? "is open" : "is known");
  else
    say("{}\n", q.active ? "no incident is open" : "no incident has happened yet");
}

void add_incidents(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<incidents_arguments>();
  auto& q = a->question;
  auto* cmd = app.add_subcommand("incidents", "List, count or follow incidents");
  cmd->add_flag("-f,--follow", q.follow, "Go on with what happens from now on");
  cmd->add_flag("--active", q.active, "Only incidents that are open now");
  cmd->add_flag("--json", q.json, "One JSON object per line");
  auto* last = cmd->add_option("-n,--last", q.last, "How many past events to show")
                   ->check(CLI::Range(0u, redis::events_read_max))
                   ->capture_default_str();
  add_filters(*cmd, *a);
  add_redis_options(*cmd, q.redis);
  add_http_options_beside_redis(*cmd, q.http);
  cmd->callback([a, last, &exit_code] {
    a->last_given = last->count() > 0;
    exit_code = run(*a);
  });
  cmd->footer("Examples:\n"
              "  tocsin incidents --follow\n"
              "  tocsin incidents --active --json | jq .hostName\n"
              "  tocsin incidents --active --host 'web-*' --label team=db\n"
              "  tocsin incidents --active --group-by label:team\n"
              "  tocsin incidents --to https://tocsin.example --token-file token --follow\n"
              "  REDIS_URL=redis://redis.example:6379 tocsin incidents -n 100");
}

} // namespace tocsin
