#pragma once

#include "actors/api/engine_desk.hpp"
#include "actors/api/live_rules.hpp"
#include "actors/api/query_desk.hpp"
#include "actors/api/reload_desk.hpp"
#include "config/settings.hpp"
#include "streams/partition/cluster_history.hpp"
#include "streams/redis/keys.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace tocsin {

/// What the handlers of the API need of the engine, which outlives them.
struct api_context {
  const settings& config;
  const redis::partition_keys& keys;
  std::shared_ptr<query_desk> desk; ///< for what stands in Redis
  engine_desk& questions;           ///< for what the engine holds
  cluster_history& history;         ///< what all hosts reported, tick by tick
  std::function<std::int64_t()> monotonic_ms;
  std::function<std::int64_t()> unix_ms;
  const live_rules& rules; ///< those in force
  reload_desk& reloads;    ///< for having them read again
  const redis::cluster_keys& cluster;
};

} // namespace tocsin
