#include "tools/tocsin/serve.hpp"

#include "actors/api.hpp"
#include "actors/botpress_follower.hpp"
#include "actors/local_collector.hpp"
#include "actors/machine/local_metrics.hpp"
#include "actors/metrics/process.hpp"
#include "actors/pipeline.hpp"
#include "actors/statsd_collector.hpp"
#include "config/byte_size.hpp"
#include "config/memory.hpp"
#include "config/read_settings.hpp"
#include "config/redis_source.hpp"
#include "streams/redis/embedded_server.hpp"
#include "streams/redis/rights_check.hpp"
#include "streams/redis/server_check.hpp"
#include "tools/tocsin/commands.hpp"
#include "tools/tocsin/data_folder.hpp"
#include "tools/tocsin/front_door.hpp"
#include "tools/tocsin/open_files.hpp"
#include "tools/tocsin/redis_keeper.hpp"
#include "tools/tocsin/rule_reload.hpp"
#include "tools/tocsin/signals.hpp"
#include "tools/tocsin/statsd_sockets.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>

namespace tocsin {

namespace {

struct serve_arguments {
  data_folder data;
  std::string state_dir;
  front_door_arguments http;
  std::string host;
  bool no_local = false;
};

// What ends the program says why, and with which code.
struct failure {
  int exit_code;
  std::string message;
};

template <class T>
T need(result<T> r, int exit_code) {
  if (!r)
    throw failure{exit_code, r.failure().message};
  return std::move(r).value();
}

// Before any of it is taken: what does not fit is refused by name, at the start or host by host.
void bound_memory(settings& s) {
  if (s.memory_bytes == 0)
    s.memory_bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 2;
  const auto hosts = hosts_within_memory(s);
  const auto memory = describe_byte_size(s.memory_bytes);
  if (hosts == 0)
    throw failure{exit_usage,
                  fmt::format("tocsin.memory ({}) is too small: the windows of {} rules need {} "
                              "for the first 1,024 hosts (`tocsin check` shows the sum)",
                              memory, s.rules.size(),
                              describe_byte_size(project_memory(s, 1).engine_bytes()))};
  if (hosts < s.hosts_max)
    spdlog::info("tocsin.memory ({}) holds {} hosts with these rules, of {} that tocsin.hosts "
                 "allows: samples of further hosts are refused and counted",
                 memory, hosts, s.hosts_max);
}

// The settings as they stand in the file and the environment.
settings read_config(const std::string& path) {
  auto report = read_settings_file(path, process_environment(), purpose::serve);
  for (const auto& d : report.problems)
    d.level == diagnostic::severity::error ? spdlog::error("{}", d.text())
                                           : spdlog::warn("{}", d.text());
  if (has_errors(report.problems))
    throw failure{exit_usage, fmt::format("{} has errors: nothing was started", path)};
  auto& s = report.value;
  if (!s.monitoring_enabled)
    throw failure{exit_usage,
                  fmt::format("monitoring is disabled: set `{}` to true in {} (or "
                              "TOCSIN_ENABLED=true in the environment)",
                              report.flat ? "enabled" : "pro.monitoring.enabled", path)};
  if (!s.alerting_enabled)
    spdlog::warn("alerting is disabled (`pro.alerting.enabled`): samples are collected, no rule "
                 "is checked");
  return std::move(s);
}

// A stop was asked for before the engine was there.
struct stopped_early {};

void check_redis_variables() {
  for (const auto& d : redis_problems(process_environment())) {
    if (d.level == diagnostic::severity::error)
      throw failure{exit_usage, fmt::format("{}: {}", d.pointer, d.message)};
    spdlog::warn("{}: {}", d.pointer, d.message);
  }
}

std::optional<redis::embedded_server> start_redis(const serve_arguments& a,
                                                  const stop_signals& signals) {
  if (need(choose_redis(process_environment()), exit_usage))
    return std::nullopt;
  redis::embedded_server::options options;
  options.folder = state_folder(a.state_dir);
  options.report = [last = -1.0](const auto& p) mutable {
    if (p.loading && p.percent >= last + 10) {
      last = p.percent;
      spdlog::info("the embedded Redis reads its data: {:.0f} %, {} s left", p.percent, p.eta_s);
    }
  };
  options.mended = [](const std::string& what) { spdlog::error("the embedded Redis: {}", what); };
  options.abandon = [&signals] { return signals.wait_ms(0); };
  auto started = redis::embedded_server::start(std::move(options));
  if (!started && signals.wait_ms(0))
    throw stopped_early{};
  auto server = need(std::move(started), exit_failure);
  spdlog::info("embedded Redis {} in {} (redis-cli -s {})",
               server.adopted() ? "was found running" : "runs", state_folder(a.state_dir),
               server.address().path);
  return server;
}

// A Redis that is away or cannot be used stops the start with its reason, rather than filling the
// log: whoever supervises the engine starts it again. Later the engine waits for it.
void check_redis(const redis_address& address, const settings& s) {
  auto c = redis::connection::open(address, "tocsin-check");
  if (!c)
    throw failure{exit_failure, c.failure().message};
  if (const auto ok = redis::check_server(*c); !ok)
    throw failure{exit_failure, ok.failure().message};
  const redis::partition_keys keys(s.prefix, "0");
  if (const auto ok = redis::check_rights(*c, keys, redis::cluster_keys(s.prefix)); !ok)
    throw failure{exit_failure, ok.failure().message};
}

// Until a signal asks to stop; looks after the embedded Redis and the files meanwhile.
void supervise(std::optional<redis::embedded_server>& embedded, const stop_signals& signals,
               engine_context& ctx, front_door& door, metric_registry& registry) {
  std::int64_t files_at_ms = 0;
  std::optional<redis_keeper> keeper;
  if (embedded)
    keeper.emplace(*embedded, ctx);
  while (!signals.wait_ms(500) && !ctx.broken) {
    if (keeper)
      keeper->look();
    const bool asked = signals.take_hangup();
    if (asked)
      ctx.reloads.ask();
    if (!asked && monotonic_ms() < files_at_ms)
      continue;
    if (door.look_after_files(asked, registry))
      ctx.live.end_streams();
    files_at_ms = monotonic_ms() + 1'000;
  }
}

// How much of the two seconds that a stop may take is left: for everything, and for the engine.
class stop_time {
public:
  std::int64_t left_ms() const { return until(1'700); }
  std::int64_t for_engine_ms() const { return until(1'300); }

private:
  std::int64_t until(std::int64_t ms) const {
    return std::max<std::int64_t>(began_ms_ + ms - monotonic_ms(), 100);
  }
  std::int64_t began_ms_ = monotonic_ms();
};

// Ends the process while actors hang in a Redis that does not answer. What is sealed and not
// committed is sealed again, the same, from the log.
[[noreturn]] void leave_at_once(std::optional<redis::embedded_server>& embedded,
                                const stop_time& time, int exit_code) {
  spdlog::warn("Redis does not answer: leaving without it");
  if (embedded)
    if (const auto s = embedded->stop(time.left_ms()); !s)
      spdlog::warn("{}", s.failure().message);
  spdlog::default_logger()->flush();
  std::_Exit(exit_code);
}

// However it is left, no request is handled any more when what handles it goes.
struct closing {
  front_door& door;
  ~closing() { door.stop(); }
};

void run_engine(const serve_arguments& a) {
  const stop_signals signals(hangup::asks);
  // What the command line and the environment say is looked at before anything is written.
  const auto door = need(front_door::prepare(a.http), exit_usage);
  const auto host = a.host.empty() ? need(local_host_name(), exit_failure) : a.host;
  need(check_host_name(host), exit_usage);
  check_redis_variables();
  const bool written = need(a.data.create_missing_config(), exit_usage);
  const auto config_path = need(a.data.config_path(), exit_usage);
  file_watch config_file({config_path});
  const auto as_read = read_config(config_path);
  if (written)
    spdlog::info("{} was missing: written with {} rules to start from", config_path,
                 as_read.rules.size());
  auto config = as_evaluated(as_read);
  bound_memory(config);
  need(check_statsd(config.statsd, a.http.insecure), exit_usage);

  need(door->listen(), exit_failure);
  if (config.external_url.empty())
    config.external_url = door->url();
  auto statsd = need(open_statsd(config.statsd), exit_failure);
  auto embedded = start_redis(a, signals);
  const auto address =
      embedded ? embedded->address() : *need(choose_redis(process_environment()), exit_usage);
  config.prefix.insert(0, address.key_prefix);
  std::optional<redis_address> botpress;
  if (config.botpress.on()) {
    botpress = need(read_redis_address(config.botpress.redis_url, ""), exit_usage);
    config.botpress.key.insert(0, botpress->key_prefix);
  }
  stop_time time;
  try {
    check_redis(address, config);
    metric_registry registry;
    registry
        .add_gauge("tocsin_build_info", "1; its labels say what runs.",
                   {{"version", TOCSIN_VERSION}})
        .set(1);
    add_process_metrics(registry);
    engine_context ctx(config, address, registry);
    ctx.private_redis = embedded.has_value();
    ctx.host = host;
    ctx.hooks = {a.data.with_hooks(), door->url()};
    caf::actor_system_config caf_config;
    caf::actor_system sys{configure(caf_config)};
    const auto desk = std::make_shared<query_desk>(registry);
    pipeline engine(sys, ctx, fmt::format("{}-{}", host, getpid()), desk);

    door->add_metrics(registry);
    const closing at_end{*door};
    door->open(make_api(ctx, registry, engine.collector(), desk, door->access()));
    spdlog::info("listening on {}: POST samples to /api/v1/samples", door->url());
    {
      intake_watch watch(ctx, door->self_url());
      std::optional<local_collector> local;
      if (!a.no_local)
        local.emplace(ctx, engine.collector(), host);
      std::optional<statsd_collector> heard;
      if (!statsd.empty())
        heard.emplace(ctx, engine.collector(), std::move(statsd),
                      config.statsd.host.empty() ? host : config.statsd.host);
      std::optional<botpress_follower> follower;
      if (botpress)
        follower.emplace(ctx, engine.collector(), *botpress);
      const rule_reload rules(config_path, std::move(config_file), as_read, ctx, engine);
      supervise(embedded, signals, ctx, *door, registry);
      time = {};
      spdlog::info("stopping");
    }
    door->stop();
    if (!engine.stop(time.for_engine_ms()))
      leave_at_once(embedded, time, ctx.broken ? exit_failure : exit_done);
    if (ctx.broken)
      throw failure{exit_failure, "the engine ended because a part of it did"};
  } catch (const failure&) {
    if (embedded)
      static_cast<void>(embedded->stop());
    throw;
  }
  if (embedded)
    if (const auto s = embedded->stop(time.left_ms()); !s)
      spdlog::warn("{}", s.failure().message);
}

int run_serve(const serve_arguments& a) {
  try {
    raise_open_files();
    run_engine(a);
    return exit_done;
  } catch (const stopped_early&) {
    spdlog::info("stopping: the embedded Redis was still starting");
    return exit_done;
  } catch (const failure& f) {
    spdlog::error("{}", f.message);
    return f.exit_code;
  }
}

} // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto a = std::make_shared<serve_arguments>();
  auto* cmd = app.add_subcommand("serve", "Run the engine: collect samples, check rules, write "
                                          "incidents to Redis");
  add_data_options(*cmd, a->data);
  cmd->add_option("--state-dir", a->state_dir,
                  "What the engine itself keeps: the embedded Redis (default: $STATE_DIRECTORY, "
                  "else ./tocsin-state)")
      ->type_name("DIR");
  add_front_door_options(*cmd, a->http);
  cmd->add_option("--host", a->host, "Name under which this machine reports (default: host name)")
      ->type_name("NAME");
  cmd->add_flag("--no-local", a->no_local, "Do not report this machine itself");
  cmd->callback([a, &exit_code] { exit_code = run_serve(*a); });
  cmd->footer("Redis: TOCSIN_REDIS_URL, else REDIS_URL (with REDIS_OPTIONS), else a private\n"
              "redis-server in the state folder.\n\n"
              "Examples:\n"
              "  tocsin serve\n"
              "  tocsin serve --data-dir /opt/botpress/data --state-dir /var/lib/tocsin\n"
              "  TOCSIN_TOKEN=… tocsin serve --listen 0.0.0.0:9480\n"
              "  REDIS_URL=redis://user:pass@redis.example:6379 tocsin serve");
}

} // namespace tocsin
