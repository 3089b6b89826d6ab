#pragma once

#include "config/rule.hpp"
#include "config/sinks.hpp"
#include "config/ways_in.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace tocsin {

/// A grace holds at most this many more ticks open.
inline constexpr std::int64_t grace_ticks_max = 4096;

/// Everything that botpress.config.json and the environment say to the engine. Each member names
/// its key, default and bounds; durations are in milliseconds.
struct settings {
  /// pro.monitoring.enabled, false; tocsin.enabled stands for both where it is given.
  bool monitoring_enabled = false;
  /// pro.alerting.enabled, false.
  bool alerting_enabled = false;
  /// pro.monitoring.collectionInterval, 10s, 100 ms to 24 days: the length of a tick.
  std::int64_t interval_ms = 10'000;
  /// pro.alerting.watcherInterval, 10s; rounded up to a multiple of the interval when used.
  std::int64_t watcher_interval_ms = 10'000;
  /// pro.monitoring.retentionPeriod, 10d: how long the log is kept.
  std::int64_t monitoring_retention_ms = 864'000'000;
  /// pro.monitoring.janitorInterval, 15m: how often the log is trimmed.
  std::int64_t monitoring_janitor_ms = 900'000;
  /// pro.alerting.retentionPeriod, 10d: how long the incident stream is kept.
  std::int64_t alerting_retention_ms = 864'000'000;
  /// pro.alerting.janitorInterval, 15m.
  std::int64_t alerting_janitor_ms = 900'000;
  /// pro.alerting.rules.
  rule_set rules;

  /// tocsin.cluster, "tocsin", not empty: part of every incident id.
  std::string cluster = "tocsin";
  /// tocsin.prefix, "tocsin": what every Redis key begins with; without braces,
  /// blanks and control characters.
  std::string prefix = "tocsin";
  /// tocsin.grace, 1s, may be 0, at most 4,096 intervals: how long after its end a tick still takes
  /// samples. That many more ticks are held open for every field.
  std::int64_t grace_ms = 1'000;
  /// tocsin.hostExpiry, 24h, at least the longest window: silence after which a host is forgotten.
  std::int64_t host_expiry_ms = 86'400'000;
  /// tocsin.takeover, 4s, at least 1s: a lease that was not renewed for so long is taken over.
  std::int64_t takeover_ms = 4'000;
  /// tocsin.logBytes, 1 GiB, at least 16 MiB: bound of the sample log in Redis. A size is a number
  /// of bytes or a text such as "512MiB".
  std::uint64_t log_bytes = std::uint64_t{1} << 30;
  /// tocsin.incidentBytes, 1 GiB, at least 1 MiB: bound of the incident stream in Redis.
  std::uint64_t incident_bytes = std::uint64_t{1} << 30;
  /// tocsin.memory, half of the machine's (0 until it is known), at least 16 MiB: bound of the
  /// windows.
  std::uint64_t memory_bytes = 0;
  /// tocsin.hosts, 1,000,000, 1 to 16,777,216: hosts known at once; samples of further hosts are
  /// dropped, counted.
  std::uint32_t hosts_max = 1'000'000;
  /// tocsin.fields, 256, 1 to 4,096: fields known at once; values of further fields are dropped,
  /// counted.
  std::uint32_t fields_max = 256;
  /// tocsin.externalUrl, none: where people reach this engine; links to incidents begin with it.
  std::string external_url;
  /// tocsin.hookTimeout, 30s, 100 ms to 1 h: how long one script of a hook may take.
  std::int64_t hook_timeout_ms = 30'000;
  /// tocsin.hookMemory, 256 MiB, at least 64 MiB: what the process that runs hooks may take.
  std::uint64_t hook_memory_bytes = std::uint64_t{256} << 20;
  /// tocsin.webhooks, none.
  std::vector<webhook> webhooks;
  /// tocsin.alertmanagers, none: each is told about every incident.
  std::vector<alertmanager_entry> alertmanagers;
  /// tocsin.watchdog, false: whether those who are told hear again and again that this evaluates.
  bool watchdog = false;
  /// tocsin.watchdogInterval, 1m, 1 s to 1 day: how often webhooks do.
  std::int64_t watchdog_interval_ms = 60'000;
  /// tocsin.statsd, off.
  statsd_settings statsd;
  /// tocsin.botpress, off.
  botpress_settings botpress;

  /// Rules are checked every so many ticks: the watcherInterval rounded up.
  constexpr std::int64_t watcher_ticks() const {
    return (watcher_interval_ms + interval_ms - 1) / interval_ms;
  }
  /// The grace in ticks, rounded up.
  constexpr std::int64_t grace_ticks() const { return (grace_ms + interval_ms - 1) / interval_ms; }
  /// The longest window of all rules in ticks; 0 without rules.
  constexpr std::int64_t window_ticks_longest() const {
    std::int64_t longest = 0;
    for (const auto& rule : rules)
      longest = std::max(longest, rule.window_ticks(interval_ms));
    return longest;
  }

  friend bool operator==(const settings&, const settings&) = default;
};

} // namespace tocsin
