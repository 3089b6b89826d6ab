#pragma once

#include "config/keyed_hash.hpp"
#include "streams/window/tick_ring.hpp"

#include <cstring>
#include <memory>
#include <unordered_set>
#include <vector>

namespace tocsin {

/// What the aggregator remembers of ticks that still take samples, beyond their values: the time
/// of each value (which decides among several, and recognises a repetition), and what hosts
/// reported where the ring holds what was derived. Owned by the aggregator; one thread. Memory:
/// 4 bytes per host, field and open tick, 8 more in blocks in which hosts name servers, and some 48
/// per further value of a place, of which `repetitions_max` are kept over all open ticks: 192 MiB.
class open_ticks {
public:
  explicit open_ticks(tick_grid grid)
      : grid_(grid), slots_(static_cast<std::size_t>(grid.ticks_ahead() + 1)), sets_(slots_) {}

  static constexpr std::size_t repetitions_max = std::size_t{1} << 22;

  /// Which server of a host speaks (server_key()); 0: its sample does not say.
  using server_key = std::uint64_t;

  /// A value's time, whether its sample named it, or only its arrival did, and whose it is.
  struct stamp {
    std::int64_t ts_ms;
    bool named;
    server_key server = 0;
  };
  enum class place {
    empty,    ///< the place had no value; it has one now
    repeated, ///< this very value was taken already
    newer,    ///< taken beside others, none of which has a greater time
    older,    ///< taken beside one with a greater time
    full,     ///< not taken: too many further values stand in open ticks
  };
  /// Takes note of a value for (host, field) at tick n.
  place take(host_index host, field_index field, tick n, stamp at);

  // The same for many hosts of a block, whose stamps at tick n stand side by side: 0 where a place
  // has no value. A value's own stamp may be put there instead of a call of take().
  using stamp_word = std::uint32_t;
  stamp_word* stamps(std::size_t block, field_index field, tick n);
  stamp_word word_of(tick n, stamp at) const;
  /// The servers of those values; null while none of the block names one, unless `make`. Where
  /// there are some, a stamp that is put there needs its server beside it.
  server_key* servers(std::size_t block, field_index field, tick n, bool make);
  /// What stands at a place, and whose it is (null: there are no servers).
  struct taken_place {
    stamp_word& word;
    server_key* server;
  };
  place take(taken_place here, host_index host, field_index field, tick n, stamp_word coming,
             server_key server);
  double* reported_row(std::size_t block, tick n);

  /// Whether the host has brought a value to tick n; notes that it has.
  bool has_value(host_index host, tick n) const;
  void set_has_value(host_index host, tick n);

  /// The value that the host reported for the derived field; NaN: none.
  double& reported(host_index host, tick n);

  /// Forgets everything of one host.
  void clear_host(host_index host);
  /// Tick n was sealed: its repetitions are forgotten.
  void close(tick n);
  /// Further values that are remembered.
  std::size_t repetitions() const { return repetitions_; }

private:
  template <class T>
  struct tagged {
    tick of = tick_min;
    std::array<T, block_hosts> at;
  };
  struct key {
    std::uint64_t host_field;
    std::int64_t ts_ms;
    server_key server;
    friend bool operator==(const key&, const key&) = default;
  };
  struct key_hash {
    std::size_t operator()(const key& k) const noexcept {
      // Times, and by their order hosts and fields, are those of whoever reports.
      std::array<char, sizeof(key)> bytes;
      std::memcpy(bytes.data(), &k, sizeof k);
      return name_hash({bytes.data(), bytes.size()});
    }
  };
  struct stamp_block : tagged<stamp_word> {
    std::unique_ptr<std::array<server_key, block_hosts>> servers;
  };

  std::size_t slot(tick n) const { return static_cast<std::size_t>(n) % slots_; }

  tick_grid grid_;
  std::size_t slots_;
  // [field][block × slots + slot]
  std::vector<std::vector<std::unique_ptr<stamp_block>>> stamps_;
  std::vector<std::unique_ptr<tagged<double>>> reported_;
  std::vector<std::unique_ptr<tagged<bool>>> has_value_;
  std::vector<std::unordered_set<key, key_hash>> sets_;
  std::size_t repetitions_ = 0; // in all of them
};

} // namespace tocsin
