#pragma once

#include "config/keyed_hash.hpp"
#include "streams/window/tick.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tocsin {

/// What a server's id is told apart by, never 0. Two ids of one key would be one server: once in
/// 10^19.
inline std::uint64_t server_key(std::string_view id) {
  return name_hash(id) | 1;
}

/// Which servers have reported from one host lately, and when. Botpress makes a new id at each
/// start, so those that are heard no more are forgotten.
///
/// At most `most` are known (16 bytes each); of more, the one heard longest ago makes room.
class server_sightings {
public:
  static constexpr std::size_t most = 32;
  /// A server counts for so many ticks, that of its last sample included.
  static constexpr tick ticks = 6;

  void note(std::uint64_t key, tick n) {
    const auto known =
        std::find_if(all_.begin(), all_.end(), [&](const sighting& s) { return s.key == key; });
    if (known != all_.end()) {
      known->last = std::max(known->last, n);
      return;
    }
    std::erase_if(all_, [&](const sighting& s) { return s.last <= n - ticks; });
    if (all_.size() < most) {
      all_.push_back({key, n});
      return;
    }
    *std::min_element(all_.begin(), all_.end(), [](const sighting& a, const sighting& b) {
      return a.last < b.last;
    }) = {key, n};
  }

  /// How many are known to report at tick n.
  std::size_t count(tick n) const {
    return static_cast<std::size_t>(std::count_if(
        all_.begin(), all_.end(), [&](const sighting& s) { return s.last > n - ticks; }));
  }

private:
  struct sighting {
    std::uint64_t key;
    tick last;
  };
  std::vector<sighting> all_;
};

} // namespace tocsin
