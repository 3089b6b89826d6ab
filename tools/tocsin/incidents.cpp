#include "tools/tocsin/incidents.hpp"

#include "config/json_text.hpp"
#include "config/number_text.hpp"
#include "config/rule_words.hpp"
#include "streams/partition/open_record.hpp"
#include "streams/redis/incident_stream.hpp"
#include "streams/redis/keys.hpp"
#include "streams/rule/incident.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/output.hpp"
#include "tools/tocsin/redis_option.hpp"
#include "tools/tocsin/signals.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <tuple>

namespace tocsin {

namespace {

struct incidents_arguments {
  redis_option redis;
  bool follow = false;
  bool json = false;
  bool active = false;
  std::uint32_t last = 20;
};

bool is_number(std::string_view field) {
  return field == "v" || field == "seq" || field == "triggerValue" || field == "threshold" ||
         field == "timeframe";
}

std::string entry_json(const redis::stream_entry& e) {
  std::string out = fmt::format(R"({{"entry":"{}")", e.id.text());
  for (const auto& [name, value] : e.fields)
    out += fmt::format(",{}:{}", quote_json(name), is_number(name) ? value : quote_json(value));
  return out + "}";
}

// A number of the stream beside the one it is compared with, as people read them. What is none
// stays as it is.
std::string number_text(const std::string& text, const std::string& beside) {
  const auto read = [](const std::string& digits) -> std::optional<double> {
    double value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, failure] = std::from_chars(digits.data(), end, value);
    return failure == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
  };
  const auto value = read(text);
  return value ? number_for_people(*value, read(beside).value_or(*value)) : text;
}

std::string entry_text(const redis::stream_entry& e) {
  const auto f = [&](std::string_view name) -> const std::string& {
    return redis::field_of(e, name);
  };
  const bool opened = f("event") == "opened";
  const auto timeframe = redis::parse_unsigned(f("timeframe")).value_or(0);
  return fmt::format("{}  {:<8}  {}  {}  ({}; {} {}{})", f(opened ? "startTime" : "endTime"),
                     f("event"), quote_for_people(f("hostName")), quote_for_people(f("ruleName")),
                     rule_words(f("aggregation"), f("field"), static_cast<std::int64_t>(timeframe),
                                number_text(f("threshold"), f("triggerValue")), f("operand")),
                     opened ? "value" : "opened with",
                     number_text(f("triggerValue"), f("threshold")),
                     opened ? "" : ", " + f("reason"));
}

void print(const incidents_arguments& a, const redis::stream_entry& e) {
  put("{}\n", a.json ? entry_json(e) : entry_text(e));
  flush_output();
}

status print_active(redis::connection& c, const redis::partition_keys& keys,
                    const incidents_arguments& a) {
  auto snapshot = redis::read_open(c, keys);
  if (!snapshot)
    return snapshot.failure();
  std::vector<std::pair<open_record, std::string>> open;
  for (auto& [id, json] : snapshot->open)
    if (auto record = read_open_record(json))
      open.emplace_back(std::move(*record), std::move(json));
  std::sort(open.begin(), open.end(), [](const auto& x, const auto& y) {
    return std::tie(x.first.start_ms, x.first.about.name, x.first.host) <
           std::tie(y.first.start_ms, y.first.about.name, y.first.host);
  });
  for (const auto& [r, json] : open)
    if (a.json)
      put("{}\n", json);
    else
      put("{}  {}  {}  (opened with {})\n", iso_time(r.start_ms), quote_for_people(r.host),
          quote_for_people(r.about.name), number_for_people(r.trigger_value, r.about.threshold));
  if (open.empty() && !a.json)
    say("no incident is open\n");
  return done{};
}

status follow(redis::connection& c, const redis::partition_keys& keys, const incidents_arguments& a,
              redis::stream_id after) {
  const stop_signals signals;
  while (!signals.wait_ms(0) && !output_failed()) {
    auto events = redis::wait_for_events(c, keys.incidents, after, 1'000, 500);
    if (!events)
      return events.failure();
    for (const auto& e : *events) {
      print(a, e);
      after = e.id;
    }
  }
  return done{};
}

status run(const incidents_arguments& a) {
  auto engine = connect(a.redis);
  if (!engine)
    return engine.failure();
  auto& [c, keys] = *engine;
  if (a.active)
    return print_active(c, keys, a);
  const auto events = redis::last_events(c, keys.incidents, std::max(a.last, 1u));
  if (!events)
    return events.failure();
  if (a.last > 0)
    for (const auto& e : *events)
      print(a, e);
  if (events->empty() && !a.follow && !a.json)
    say("no incident has happened yet\n");
  if (!a.follow)
    return done{};
  return follow(c, keys, a, events->empty() ? redis::stream_id{} : events->back().id);
}

} // namespace

void add_incidents(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<incidents_arguments>();
  auto* cmd = app.add_subcommand("incidents", "List or follow incidents");
  cmd->add_flag("-f,--follow", a->follow, "Go on with what happens from now on");
  cmd->add_flag("--active", a->active, "Only incidents that are open now");
  cmd->add_flag("--json", a->json, "One JSON object per line");
  cmd->add_option("-n,--last", a->last, "How many past events to show")
      ->check(CLI::Range(0u, redis::events_read_max))
      ->capture_default_str();
  add_redis_options(*cmd, a->redis);
  cmd->callback([a, &exit_code] {
    if (const auto s = run(*a); !s) {
      say("tocsin incidents: {}\n", s.failure().message);
      exit_code = exit_failure;
    }
  });
  cmd->footer("Examples:\n"
              "  tocsin incidents --follow\n"
              "  tocsin incidents --active --json | jq .hostName\n"
              "  REDIS_URL=redis://redis.example:6379 tocsin incidents -n 100");
}

} // namespace tocsin
