#pragma once

#include <string>
#include <string_view>

namespace tocsin::redis {

/// The Redis keys of one partition. The tag in braces is what Redis Cluster hashes, so they all
/// live on one node.
struct partition_keys {
  std::string samples;       ///< stream: the log
  std::string ticks;         ///< stream: one row per sealed tick
  std::string incidents;     ///< stream: one entry per event
  std::string open;          ///< hash: incident id -> open incident
  std::string cooldowns;     ///< hash: rule and host -> end of cooldown
  std::string hosts;         ///< hash: the registry
  std::string progress;      ///< hash: see progress_mark
  std::string lease;         ///< hash: owner, beat
  std::string hooks_dead;    ///< stream: events that hooks were not told about
  std::string webhooks_dead; ///< stream: the same of every other sink

  /// partition_keys("tocsin", "0").samples is "tocsin:{0}:samples". Neither has braces.
  partition_keys(std::string_view prefix, std::string_view tag) {
    const std::string base = std::string(prefix).append(":{").append(tag).append("}:");
    samples = base + "samples";
    ticks = base + "ticks";
    incidents = base + "incidents";
    open = base + "open";
    cooldowns = base + "cooldowns";
    hosts = base + "hosts";
    progress = base + "progress";
    lease = base + "lease";
    hooks_dead = base + "hooks:dead";
    webhooks_dead = base + "webhooks:dead";
  }
};

/// The Redis keys that a whole cluster shares.
struct cluster_keys {
  std::string cluster; ///< hash: name, partitions, tags, interval, grace, schema
  std::string rules;   ///< hash: rule set's hash -> its JSON; "current" -> the hash in force
  std::string workers; ///< sorted set: worker -> its beat

  explicit cluster_keys(std::string_view prefix) {
    const std::string base = std::string(prefix).append(":");
    cluster = base + "cluster";
    rules = base + "rules";
    workers = base + "workers";
  }
};

} // namespace tocsin::redis
