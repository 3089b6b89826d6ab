#pragma once

#include "streams/window/host_table.hpp"
#include "streams/window/tick_ring.hpp"
#include "streams/window/value_total.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tocsin {

/// What each host reported in the last hours, by slots of time, behind the ticks that host_history
/// holds one by one: that owns it, and passes on the ticks that it forgets.
///
/// 1. A slot is a minute long. Where five hours of them would take more than `bytes_max`, two
///    become one, and again; where there would be fewer than six, nothing is kept.
/// 2. Memory: (field, 64 hosts) pairs that have values × slots × 1.8 KB, `bytes_max` at most; for
///    one tick more, by as much as new hosts take until the next fit().
/// 3. Ticks of a field and block come in their order, each once.
class host_summaries {
public:
  static constexpr std::int64_t span_ms = 5 * 3'600'000;
  static constexpr std::int64_t slot_ms = 60'000; ///< at best
  static constexpr std::int64_t slots_least = 6;
  static constexpr std::size_t bytes_most = std::size_t{256} << 20;
  static constexpr std::size_t group_hosts = 64;
  static constexpr std::size_t block_groups = block_hosts / group_hosts;

  /// The hosts of a group in one slot: a value_total each, side by side.
  struct summed_row {
    std::int64_t slot;
    std::array<double, group_hosts> sum, min, max;
    std::array<std::uint32_t, group_hosts> count;

    value_total at(std::size_t host) const {
      return {count[host], sum[host], min[host], max[host]};
    }
    void set(std::size_t host, const value_total& now);
  };
  /// Of a field.
  struct group {
    std::vector<std::unique_ptr<summed_row>> rows; // by slot, in a ring
    std::array<double, group_hosts> last;
    std::array<tick, group_hosts> last_at; // tick_min: none

    explicit group(std::size_t slots);
    /// null: no value in that slot.
    const summed_row* find(std::int64_t slot) const {
      const auto* row = rows[static_cast<std::size_t>(slot) % rows.size()].get();
      return row && row->slot == slot ? row : nullptr;
    }
    summed_row& claim(std::int64_t slot);
  };

  explicit host_summaries(std::size_t bytes_max = bytes_most) : bytes_max_(bytes_max) {}

  /// Begins anew: the first tick that may come is `since`.
  void clear(const tick_grid&, tick since);
  /// Keeps memory within its bound; true: slots were merged.
  bool fit();
  /// A row of 1,024 values; null: nobody has one. `place`: of the field. false: nothing to do.
  bool add(std::size_t place, std::size_t block, tick, const double* row);
  void forget(std::size_t block, const std::vector<std::uint32_t>& hosts);
  /// Host h of before is host to[h] now; host_table::none: forgotten.
  void move_hosts(const std::vector<host_index>& to);

  bool kept() const { return slots_ > 0; }
  std::int64_t slot_of(tick n) const { return n / slot_ticks_; }
  /// Where the slot begins in which `wanted` lies, or what is still held where `end` is the newest
  /// tick of all.
  tick first(tick wanted, tick end) const;
  /// The last tick that was added; tick_min: none.
  tick until(std::size_t place, std::size_t block) const;
  /// null: none of these hosts has a value. `g`: in the block.
  const group* find(std::size_t place, std::size_t block, std::size_t g) const;

  std::size_t bytes() const;

private:
  struct field {
    std::vector<std::unique_ptr<group>> groups;
    std::vector<tick> until; // by block
  };
  static void add(summed_row&, const double* values);
  group& at(field&, std::size_t g);
  void merge_slots();
  void merge_slots(group&) const;
  std::int64_t oldest_slot() const;
  void move_group(std::unique_ptr<group> from, std::span<const host_index> to, field& into);
  void move_host(const group& from, std::size_t host, group& to, std::size_t place) const;

  std::size_t bytes_max_;
  tick since_ = tick_min, newest_ = 0; // newest: that was added
  std::int64_t slot_ticks_ = 1, span_ticks_ = 0;
  std::size_t slots_ = 0;     // that are held at once; 0: nothing is kept
  std::size_t groups_ = 0;    // of all fields
  std::vector<field> fields_; // by place
};

} // namespace tocsin
