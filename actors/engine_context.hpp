#pragma once

#include "actors/api/engine_desk.hpp"
#include "actors/api/engine_record.hpp"
#include "actors/api/full_tables.hpp"
#include "actors/api/live_events.hpp"
#include "actors/api/live_rules.hpp"
#include "actors/api/reload_desk.hpp"
#include "actors/metrics/registry.hpp"
#include "actors/metrics/stages.hpp"
#include "actors/redis_outage.hpp"
#include "actors/sinks/clock.hpp"
#include "actors/sinks/hook_runtime.hpp"
#include "config/redis_address.hpp"
#include "config/settings.hpp"
#include "streams/partition/cluster_history.hpp"
#include "streams/partition/host_history.hpp"
#include "streams/redis/keys.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace tocsin {

/// Where the engine stands, for /readyz.
enum class engine_role : std::uint8_t { connecting, standby, recovering, owner };

/// Counters and gauges of the engine. Their names are its interface to monitoring.
struct engine_metrics {
  explicit engine_metrics(metric_registry&);

  counter &samples_accepted, &samples_rejected, &samples_late, &samples_early, &samples_refused;
  counter &values_taken, &values_repeated, &values_dropped;
  counter& entries_skipped;
  counter &ticks_sealed, &ticks_blind;
  counter &incidents_opened, &incidents_resolved;
  counter &redis_errors, &recoveries, &clock_steps;
  counter& requests_overloaded;
  gauge &incidents_open, &fields_known, &hosts_known, &hosts_skewed, &log_bytes, &incident_bytes;
  gauge &window_bytes, &uncommitted, &role, &log_full, &rules;
  gauge &recovery_state, &recovery_log, &recovery_entries, &recovery_bytes;
  histogram &evaluation, &commit, &seal_to_commit, &recovery;
};

/// What every actor of an engine shares: settings, names, metrics, and a few flags. Outlives the
/// actor system; immutable once actors run, but for atomics.
struct engine_context {
  engine_context(settings s, redis_address a, metric_registry& registry)
      : config(std::move(s)), address(std::move(a)), keys(config.prefix, "0"),
        cluster(config.prefix), registry(registry), metrics(registry), rules(config, unix_ms()),
        live(registry) {
    metrics.rules.set(static_cast<double>(config.rules.size()));
    expose_stages(registry, standing_, monotonic_ms);
  }

  const settings config; ///< as the operator wrote it
  const redis_address address;
  const redis::partition_keys keys;
  const redis::cluster_keys cluster;
  metric_registry& registry; ///< for metrics whose labels are known late
  engine_metrics metrics;

  /// The rules that are evaluated: those of `config` until others are put in force.
  live_rules rules;
  /// Where the API asks for the rules to be read again.
  reload_desk reloads;

  /// Where the API asks about windows, hosts and incidents as they are now.
  engine_desk questions;
  /// Where clients follow what happens, and what happened last.
  live_events live;
  engine_record record;
  /// Which fields and hosts find no place: the aggregator writes it.
  full_tables tables;

  /// Under which name this machine reports. Set before actors run.
  std::string host;
  /// What all hosts together reported, tick by tick: the aggregator writes it.
  cluster_history history;
  /// What each host reported lately, on its way from one aggregator to the next.
  left_host_history left;
  /// When fields were reported last, on the same way.
  left_reports left_fields;

  /// Where the operator's hooks lie, and what they are told of this engine. Set before actors run.
  hook_place hooks;
  /// The Redis is this engine's own (its folder is locked): nobody else can live on it.
  bool private_redis = false;
  /// The engine is to stop: what takes long is given up.
  std::atomic<bool> stopping{false};
  /// An actor ended that must not: the engine is to stop.
  std::atomic<bool> broken{false};

  std::atomic<engine_role> role{engine_role::connecting};
  /// The intake answers requests, so heartbeats may be written.
  std::atomic<bool> intake_answers{false};
  /// Until when (monotonic ms) the lease is held for sure.
  std::atomic<std::int64_t> lease_until_ms{0};
  /// The owner has read the log to its end.
  std::atomic<bool> caught_up{false};
  /// How far Redis's clock disagrees with what is believed.
  std::atomic<std::int64_t> clock_disagreement_ms{0};
  std::atomic<bool> redis_answers{false};
  redis_outage outage;
  redis_refusals refusals;
  last_words redis_said;  ///< why a connection was lost or could not be made, the last time
  last_words redis_ended; ///< why the embedded Redis is not there; empty: it is
  last_words redis_unfit; ///< why Tocsin should not live on this Redis; empty: it may

  /// Which parts stand still, and how far evaluation is behind.
  stages& parts() const { return *standing_; }
  /// Redis answers, but took no sample the last time (it is full, say).
  std::atomic<bool> samples_refused{false};
  /// The log is so far over its budget that what nobody has evaluated yet must fill it: samples are
  /// refused, and as nobody can be heard, no heartbeats are written.
  std::atomic<bool> log_full{false};

private:
  const std::shared_ptr<stages> standing_ = std::make_shared<stages>(); // metrics hold it, too
};

/// Threads that decode entries of the log besides the one that applies them: one on each other
/// core.
inline unsigned decoders() {
  return std::max(std::thread::hardware_concurrency(), 1u) - 1;
}

} // namespace tocsin
