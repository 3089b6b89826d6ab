#include "config/json_text.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/partition_state.hpp"
#include "streams/redis/sample_log.hpp"
#include "streams/rule/incident.hpp"
#include "streams/sample/host_record.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/hosts_http.hpp"
#include "tools/tocsin/http_option.hpp"
#include "tools/tocsin/incidents.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/redis_option.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>

namespace tocsin {

namespace {

struct hosts_arguments {
  redis_option redis;
  http_option http;
  bool json = false;
  std::string forget;
};

void print_host(const std::string& name, const host_record& r, bool json) {
  if (!json) {
    put("{}  {} field{}{}\n", quote_for_people(name), r.first_ms.size(),
        r.first_ms.size() == 1 ? "" : "s", r.labels.empty() ? "" : "  " + r.labels);
    return;
  }
  std::string fields;
  for (const auto& [field, first_ms] : r.first_ms)
    fields += fmt::format("{}{}:\"{}\"", fields.empty() ? "" : ",", quote_json(field),
                          iso_time(first_ms));
  put(R"({{"host":{},"labels":{},"fields":{{{}}}}})"
      "\n",
      quote_json(name), r.labels.empty() ? "{}" : r.labels, fields);
}

status list_hosts(redis::connection& c, const redis::partition_keys& keys, bool json) {
  std::map<std::string, std::string> hosts; // sorted, and once each
  const auto scanned = redis::scan_hash(c, keys.hosts, [&](std::string name, std::string record) {
    hosts[std::move(name)] = std::move(record);
  });
  if (!scanned)
    return scanned;
  host_record_reader reader;
  for (const auto& [name, text] : hosts) {
    const auto record = reader.read(text);
    if (!record)
      return error{fmt::format("host {}: {}", quote_for_people(name), record.failure().message)};
    print_host(name, *record, json);
  }
  if (hosts.empty() && !json)
    say("no host has reported yet\n");
  return done{};
}

// Says for the host that it is gone: it expires at the next seal, unless it reports again.
status forget_host(redis::connection& c, const redis::partition_keys& keys,
                   const std::string& name) {
  const auto known = c.call({"HEXISTS", keys.hosts, name});
  if (!known)
    return known.failure();
  if (known->number != 1)
    return error{fmt::format("host {} is not known (see `tocsin hosts`)", quote_for_people(name))};
  const auto now = c.server_time_ms();
  if (!now)
    return now.failure();
  const redis::log_payload leave{
      "s", fmt::format(R"({{"host":{},"ts":{},"gone":true}})", quote_json(name), *now)};
  const auto written = redis::append_to_log(c, keys.samples, std::span(&leave, 1));
  if (!written)
    return written.failure();
  if (!written->front())
    return error{written->front().failure().message};
  say("{} is forgotten at the end of this tick, unless it reports again\n", quote_for_people(name));
  return done{};
}

status run_on_redis(const hosts_arguments& a) {
  auto engine = connect(a.redis);
  if (!engine)
    return engine.failure();
  auto& [c, keys] = *engine;
  return a.forget.empty() ? list_hosts(c, keys, a.json) : forget_host(c, keys, a.forget);
}

int run(const hosts_arguments& a) {
  if (a.http.to.empty()) {
    const auto s = run_on_redis(a);
    return s ? exit_done : fail("hosts", s.failure(), exit_failure);
  }
  if (!a.forget.empty())
    return fail("hosts",
                {"`forget` writes into Redis, and --to only reads: leave --to out, and name the "
                 "engine's Redis with --state-dir or REDIS_URL"},
                exit_usage);
  auto api = open_engine(a.http);
  if (!api)
    return fail("hosts", api.failure(), exit_usage);
  const auto s = list_hosts_over_http(**api, a.json);
  return s ? exit_done : fail("hosts", s.failure(), exit_failure);
}

} // namespace

void add_hosts(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<hosts_arguments>();
  auto* cmd = app.add_subcommand("hosts", "List the hosts that are known, or forget one");
  cmd->add_flag("--json", a->json, "One JSON object per line");
  add_redis_options(*cmd, a->redis);
  add_http_options_beside_redis(*cmd, a->http);
  auto* forget = cmd->add_subcommand("forget", "Resolve a host's incidents and forget it");
  forget->add_option("NAME", a->forget, "The host")->required();
  cmd->callback([a, &exit_code] { exit_code = run(*a); });
  cmd->footer("Examples:\n"
              "  tocsin hosts --json\n"
              "  tocsin hosts --to http://127.0.0.1:9480\n"
              "  tocsin hosts forget web-17");
}

} // namespace tocsin
