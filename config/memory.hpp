#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <string>

namespace tocsin {

/// What a rule set is projected to need for a number of hosts that each report once a tick. The
/// windows are a sum of known sizes; the log is an estimate from measured entries.
struct memory_projection {
  std::uint64_t hosts = 0;            ///< as asked
  std::uint64_t rules = 0;            ///< how many there are
  std::uint64_t fields = 0;           ///< distinct ones in the rules
  std::uint64_t windows = 0;          ///< distinct (field, aggregation, timeframe)
  std::uint64_t ring_bytes = 0;       ///< the values of those fields, in the engine's memory
  std::uint64_t state_bytes = 0;      ///< what slides and what is open, and the hosts themselves
  std::uint64_t log_bytes = 0;        ///< the log in Redis over the whole retention, unbounded
  std::uint64_t log_needed_bytes = 0; ///< the part of it that the longest window needs
  std::uint64_t log_budget_bytes = 0; ///< tocsin.logBytes, which cuts the log where it is less

  /// What the engine's own process keeps for them.
  std::uint64_t engine_bytes() const;

  /// The budget cuts off what a window needs: after a restart, verdicts would be unknown.
  bool log_too_small() const { return log_needed_bytes > log_budget_bytes; }
  /// How long the log reaches back under its budget, of what it would over the retention: 0 to 1.
  double log_share() const;

  /// One JSON object, keys as the members in camelCase.
  std::string json() const;
};

/// Hosts come in blocks of so many: a ring is allocated by the block.
inline constexpr std::uint64_t hosts_per_block = 1'024;
/// Redis memory of a sample in the log where about a hundred share a compressed entry. One alone
/// in its entry takes 297 bytes, of ten each takes 60.
inline constexpr std::uint64_t log_bytes_per_sample = 34;

/// Pure and O(rules log rules). With hosts 0, everything is 0 but the counts.
///   ring  = Σ fields (longest window + 2 + grace ticks + 2) ticks × hosts in whole blocks × 8
///   state = hosts in whole blocks × (16 bytes per window with sums, 2 per window, 1 per rule on an
///           extremum (2 over 255 ticks), 1/4 per rule, 4 per field and open tick, 400 per host)
///           + blocks × 48 bytes per rule
///   bytes log   = hosts × retention ticks × 34 bytes
memory_projection project_memory(const settings&, std::uint64_t hosts);

/// How many hosts, in whole blocks, an engine may know within tocsin.memory and tocsin.hosts.
/// Without a tocsin.memory, as many as tocsin.hosts says.
std::uint64_t hosts_within_memory(const settings&);

} // namespace tocsin
