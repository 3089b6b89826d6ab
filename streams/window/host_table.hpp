#pragma once

#include "streams/window/log_position.hpp"
#include "streams/window/server_sightings.hpp"
#include "streams/window/tick.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Index of a host or field in its table; stable while the host is known.
using host_index = std::uint32_t;
using field_index = std::uint32_t;

/// The largest index: it fits into 30 bits, in which it is packed where there are many.
inline constexpr host_index host_index_max = (host_index{1} << 30) - 1;

/// Hosts stand in blocks of this many; a block is the unit of work of a rule actor.
inline constexpr std::size_t block_hosts = 1024;
inline constexpr std::size_t block_words = block_hosts / 64;

/// What is known of a host apart from its values.
struct host_state {
  std::string name;
  tick last_sample = tick_min; ///< newest tick of its samples, late ones too
  std::uint32_t batch = 0;     ///< the intake's: the last of its batches it stands in
  bool gone = false;           ///< has taken its leave since the last seal
  bool changed = false;        ///< differs from what the registry holds
  bool known = false;
  std::string labels;                  ///< JSON object, as it was last reported; empty: none
  log_position since;                  ///< the log entry that made it known; zero in a file
  tick last_recorded = tick_min;       ///< what the registry holds as its last sample,
  std::int64_t non_blind_recorded = 0; ///< and as the count of non-blind ticks up to it
  server_sightings servers;            ///< those that its samples named

  /// How many servers report from it; 0: its samples do not say.
  std::size_t server_count() const { return servers.count(last_sample); }
};

/// Which hosts were known at some moment, by their hashes: of a host that was not it says so, but
/// for one in some thousand of a million. Immutable.
class host_filter {
public:
  bool may_know(std::string_view name) const;

private:
  friend class host_table;
  std::vector<std::uint32_t> slots_; // as those of the table; 0: free
};

/// Names and states of hosts, indexed densely, bounded. One writer (the aggregator). Readers may
/// call name() for hosts that were known at the last seal: an index freed at a seal is given away
/// again only after release_forgotten(), which the writer calls when nobody reads any more.
class host_table {
public:
  explicit host_table(std::size_t hosts_max);

  static constexpr host_index none = UINT32_MAX;

  std::optional<host_index> find(std::string_view name) const;
  /// The same for many names, `none` where one is not known: what their lookups have to fetch from
  /// memory comes at once and not one after the other.
  void find_all(std::span<const std::string_view> names, std::vector<host_index>& found) const;
  /// Makes a host known; none when the table is full.
  std::optional<host_index> add(std::string_view name);
  /// Forgets a host; its name stays readable until release_forgotten().
  void forget(host_index);
  void release_forgotten();

  host_state& at(host_index i) { return (*blocks_[i / block_hosts])[i % block_hosts]; }
  const host_state& at(host_index i) const { return (*blocks_[i / block_hosts])[i % block_hosts]; }
  const std::string& name(host_index i) const { return at(i).name; }

  /// Whether a further host would be refused.
  bool full() const { return free_.empty() && extent_ >= hosts_max_; }
  std::size_t hosts_max() const { return hosts_max_; }
  host_filter filter() const;
  /// Changes with every host that becomes known or is forgotten.
  std::uint64_t version() const { return version_; }
  /// Hosts known.
  std::size_t size() const { return known_; }
  /// Indexes ever given away: every host_index is below it.
  std::size_t extent() const { return extent_; }
  std::size_t blocks() const { return (extent_ + block_hosts - 1) / block_hosts; }

private:
  using block = std::array<host_state, block_hosts>;
  // A place of the hash table; open addressing, a power of two of them, at most half in use.
  struct slot {
    std::uint32_t hash = 0;
    host_index host = none;
  };
  static std::uint32_t hash_of(std::string_view name);
  std::size_t place_of(std::string_view name, std::uint32_t hash) const;
  void grow();
  std::size_t hosts_max_;
  std::size_t extent_ = 0;
  // Reserved at once, so that readers never see it move.
  std::vector<std::unique_ptr<block>> blocks_;
  std::vector<slot> slots_;
  std::size_t known_ = 0;
  std::uint64_t version_ = 0;
  std::vector<host_index> free_;
  std::vector<host_index> forgotten_;
};

} // namespace tocsin
