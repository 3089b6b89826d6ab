#pragma once

#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"
#include "streams/redis/records.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::redis {

/// What the groups of our own sinks begin with; those of others on the same stream are theirs.
inline constexpr std::string_view sink_group_prefix = "tocsin:";
/// A stream of dead letters keeps about so many entries, of some 600 bytes each.
inline constexpr std::uint32_t dead_letters_max = 10'000;

/// A consumer group as Redis describes it.
struct group_facts {
  std::string name;
  stream_id last_delivered;
  std::uint64_t pending = 0; ///< taken and not acknowledged
};
/// All groups on the stream at `key`; none where there is no stream.
result<std::vector<group_facts>> list_groups(connection& c, const std::string& key);

/// An event that was taken, maybe by an engine that is no more, and not acknowledged.
struct pending_event {
  stream_entry entry;      ///< without fields where it was trimmed from the stream
  std::uint32_t tries = 0; ///< that failed, see set_tries

  bool trimmed() const { return entry.fields.empty(); }
};

/// What became of an attempt to take events.
struct taken_events {
  enum class outcome { taken, fenced, no_group };
  outcome what = outcome::taken;
  std::vector<stream_entry> entries; ///< oldest first; empty where nothing is new
};

/// A letter that could not be delivered.
struct dead_letter {
  const stream_entry& event;
  std::string_view sink, why;
  std::uint32_t tries = 0;
};

/// A consumer group on a partition's incident stream, with one consumer whatever engine it is:
/// only the owner of the lease takes events, so their order is kept, and a take-over goes on with
/// what was pending. Immutable.
///
/// 1. What was taken stays pending in Redis until it is acknowledged.
/// 2. `take` is fenced: a script compares the lease first, so that an owner that stood still while
///    another took over takes nothing that the other would then never see.
/// 3. All calls may be repeated after a lost answer: an event may come twice, none is skipped.
/// 4. They work on a Redis that is full, but for `create`.
class consumer_group {
public:
  consumer_group(const partition_keys& keys, std::string_view sink)
      : keys_(keys), name_(std::string(sink_group_prefix).append(sink)) {}

  const std::string& name() const { return name_; }
  const std::string& stream() const { return keys_.incidents; }

  /// Makes it, if there is none, with everything up to `after` taken; without `after`, everything
  /// that stands in the stream now. Returns whether it was made.
  result<bool> create(connection& c, std::optional<stream_id> after = {}) const;
  /// Up to which entry events were taken; none where there is no group.
  result<std::optional<stream_id>> position(connection& c) const;
  /// The oldest pending events, whoever took them.
  result<std::vector<pending_event>> pending(connection& c, std::uint32_t count) const;
  /// Takes the next events, for the owner of the lease only.
  result<taken_events> take(connection& c, std::string_view owner, std::uint32_t count) const;
  status acknowledge(connection& c, std::span<const stream_id> ids) const;
  /// Notes how many tries of a pending event have failed.
  status set_tries(connection& c, stream_id id, std::uint32_t tries) const;
  /// Acknowledges an event, and puts it into the stream at `key` with what went wrong.
  status bury(connection& c, const std::string& key, const dead_letter& letter) const;

private:
  partition_keys keys_;
  std::string name_;
};

} // namespace tocsin::redis
