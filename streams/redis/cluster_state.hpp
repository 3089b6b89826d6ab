#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tocsin::redis {

/// What a cluster was created with.
struct cluster_facts {
  /// Of the layout in Redis that this code reads and writes.
  static constexpr std::int64_t schema_version = 1;

  std::string name = "tocsin";
  std::vector<std::string> tags = {"0"}; ///< one per partition, without commas or braces
  std::int64_t interval_ms = 10'000;
  std::int64_t grace_ms = 1'000;
  std::int64_t schema = schema_version;

  std::size_t partitions() const noexcept { return tags.size(); }
  friend bool operator==(const cluster_facts&, const cluster_facts&) = default;
};

/// What `tocsin:cluster` says; nothing where no cluster was created yet.
result<std::optional<cluster_facts>> load_cluster(connection& c, const cluster_keys& keys);

/// Creates the cluster with `wanted` where there is none, atomically, and gives what stands there
/// then. A newer schema is an error.
result<cluster_facts> join_cluster(connection& c, const cluster_keys& keys,
                                   const cluster_facts& wanted);

/// What differs, one readable line each ("interval: the cluster has 10000 ms, this configuration
/// 5000 ms"). Name, partitions and tags must never differ; the caller decides on the rest.
std::vector<std::string> cluster_mismatches(const cluster_facts& stored,
                                            const cluster_facts& wanted);

/// A changed interval or grace, at a start.
status store_cluster_timing(connection& c, const cluster_keys& keys, std::int64_t interval_ms,
                            std::int64_t grace_ms);

/// Keeps a rule set under its hash, without putting it in force.
status store_rules(connection& c, const cluster_keys& keys, const std::string& hash,
                   const std::string& json);
/// Puts a stored rule set in force.
status set_current_rules(connection& c, const cluster_keys& keys, const std::string& hash);
/// The hash of the rule set in force; nothing before the first.
result<std::optional<std::string>> current_rules(connection& c, const cluster_keys& keys);
/// The rule set with this hash; nothing where it is not kept.
result<std::optional<std::string>> load_rules(connection& c, const cluster_keys& keys,
                                              const std::string& hash);
/// Forgets every rule set but these and the one in force; gives how many went.
result<std::uint64_t> forget_rules_except(connection& c, const cluster_keys& keys,
                                          std::span<const std::string> hashes);

/// A worker and its beat, which only ever grows while it lives: whoever watches judges by its own
/// monotonic clock (see lease_watch).
struct worker_presence {
  std::string worker;
  std::uint64_t beat = 0;
};
status announce_worker(connection& c, const cluster_keys& keys, const std::string& worker);
status withdraw_worker(connection& c, const cluster_keys& keys, const std::string& worker);
result<std::vector<worker_presence>> list_workers(connection& c, const cluster_keys& keys);

} // namespace tocsin::redis
