#pragma once

#include "actors/api/engine_record.hpp"
#include "actors/metrics/stages.hpp"
#include "streams/partition/live_aggregator.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tocsin {

/// What Redis says, as it was at most some seconds ago.
struct redis_page {
  std::int64_t read_at_ms = 0; ///< monotonic
  std::string version;
  std::uint64_t used_bytes = 0;
  std::uint64_t log_bytes = 0, incident_bytes = 0;
  std::optional<std::int64_t> oldest_ms; ///< of the log's entries
  std::uint64_t open = 0;                ///< incidents
};
/// Failures are those of Redis.
result<redis_page> read_redis_page(redis::connection&, const redis::partition_keys&);

/// What only the engine's own thread knows; copied there.
struct oddities {
  std::vector<odd_samples::late_or_early> late, early;
  std::vector<odd_samples::repetition> repeated;
  std::vector<skew_watch::skewed_host> skewed;
};
oddities oddities_of(const live_aggregator&);

/// Pieces of the page, as JSON.
std::string redis_json(std::string_view address, bool is_private, const std::optional<redis_page>&);
std::string log_json(std::uint64_t budget, const std::optional<redis_page>&);
std::string incidents_json(std::uint64_t budget, const std::optional<redis_page>&);
std::string ticks_json(std::span<const tick_report>);
std::string examples_json(std::span<const engine_record::rejection>, const oddities&);
std::string stages_json(std::span<const stages::seen>);
std::string skewed_json(const oddities&);

} // namespace tocsin
