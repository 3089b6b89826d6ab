#pragma once

#include "streams/window/column_memory.hpp"
#include "streams/window/field_table.hpp"
#include "streams/window/tick.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace tocsin {

/// The rolling windows of one field and 1,024 hosts: a matrix of ticks × hosts of doubles, NaN for
/// "no value", with the ticks in a ring. A row is in use for one tick at a time and stamped with
/// it, so that a tick in which nobody reported costs nothing.
class field_block {
public:
  explicit field_block(std::size_t depth,
                       std::pmr::memory_resource* = std::pmr::new_delete_resource());
  ~field_block();
  field_block(const field_block&) = delete;
  field_block& operator=(const field_block&) = delete;

  /// The row of tick n, or null where no host of the block has a value.
  const double* find(tick n) const {
    const auto slot = static_cast<std::size_t>(n) % stamps_.size();
    return stamps_[slot] == n ? row(slot) : nullptr;
  }
  /// The row of tick n >= 0, cleared to "no value" if the slot held another tick.
  double* claim(tick n);

  /// The least or the greatest value of a host in the window of so many ticks that ends at
  /// `newest`; NaN: none. O(ticks).
  double extremum(std::size_t host, tick newest, std::int64_t ticks, bool greatest) const;

  /// The least tick of the host's samples that have the field; tick_max while there is none.
  tick first(std::size_t host) const { return first_[host].load(std::memory_order_relaxed); }
  void set_first(std::size_t host, tick n) {
    first_[host].store(n, std::memory_order_relaxed);
    firsts_set_.fetch_add(1, std::memory_order_release);
  }
  /// Changes whenever some first() does: whoever remembers what follows from them looks again.
  std::uint32_t firsts_version() const { return firsts_set_.load(std::memory_order_acquire); }

  /// Forgets everything of one host.
  void clear_host(std::size_t host);
  /// Forgets everything.
  void clear();

  std::size_t depth() const { return stamps_.size(); }
  static constexpr std::size_t bytes(std::size_t depth) {
    return depth * (block_hosts * sizeof(double) + sizeof(tick)) + block_hosts * sizeof(tick);
  }

private:
  double* row(std::size_t slot) const { return values_ + slot * block_hosts; }

  std::pmr::memory_resource* memory_;
  double* values_; // depth × block_hosts, in memory_
  std::vector<tick> stamps_;
  std::array<std::atomic<tick>, block_hosts> first_;
  std::atomic<std::uint32_t> firsts_set_{0};
};

/// A change to ticks that were sealed before: a late value, or a host that was forgotten. State
/// derived from the rows is patched with it instead of being computed again.
struct ring_patch {
  static constexpr field_index every_field = ~field_index{0};
  field_index field;  ///< every_field: the host was forgotten
  std::uint32_t host; ///< in its block
  tick at;
  double value;
};

/// The tick rings of all fields of a partition. One writer (the aggregator), many readers (rule
/// actors), no locks. Invariants:
/// 1. Blocks hang from fixed arrays of atomic pointers sized by the bounds, so growth is one
///    release store and nothing that a reader holds ever moves.
/// 2. The writer touches rows of ticks that are not sealed at any time, and rows of sealed ticks
///    and host columns only between checks, when nobody reads.
/// 3. A field's ring is deep enough for its longest window, for the tick before the newest, and for
///    every tick that still takes samples; so an open tick never takes a row that a check reads,
///    the one that just left the longest window included.
/// 4. A seal leaves the patches it made behind, and drops those of the seal before.
class tick_ring {
public:
  tick_ring(tick_grid grid, std::size_t hosts_max, std::size_t fields_max);
  ~tick_ring();
  tick_ring(const tick_ring&) = delete;
  tick_ring& operator=(const tick_ring&) = delete;

  /// Says how long the longest window on field f is, before its first value. Where the index was
  /// another field's before, its window was as long.
  void add_field(field_index f, std::int64_t window_ticks);

  /// The block for writing; made if need be.
  field_block& at(field_index f, std::size_t block);
  /// The block for reading; null while no host of it has reported the field.
  const field_block* find(field_index f, std::size_t block) const {
    const auto* slots = fields_[f].load(std::memory_order_acquire);
    return slots ? slots->blocks[block].load(std::memory_order_acquire) : nullptr;
  }
  field_block* find(field_index f, std::size_t block) {
    return const_cast<field_block*>(std::as_const(*this).find(f, block));
  }

  /// Ticks back from the next one to seal (exclusive) that a window on f can reach.
  std::int64_t reach(field_index f) const;

  /// Writes a late value into its place, or forgets a host: part of a seal.
  void fill(field_index f, host_index host, tick n, double value);
  void clear_host(host_index host, std::size_t fields);
  /// Forgets all values of a field whose index another may have now: part of a seal.
  void clear_field(field_index f);
  /// What the last seal changed in the block's sealed ticks, in order.
  std::span<const ring_patch> patches(std::size_t block) const {
    return block < patches_.size() ? patches_[block] : std::span<const ring_patch>{};
  }

  /// A seal begins: forgets the patches of the one before.
  void begin_seal();
  void publish(tick sealed) { sealed_.store(sealed, std::memory_order_release); }
  tick sealed() const { return sealed_.load(std::memory_order_acquire); }

  /// Memory taken by rings.
  std::size_t bytes() const { return bytes_; }

private:
  void note_patch(std::size_t block, const ring_patch&);
  struct field_slots {
    std::int64_t window_ticks = 2;
    std::unique_ptr<std::atomic<field_block*>[]> blocks;
  };
  tick_grid grid_;
  std::size_t blocks_max_;
  std::size_t fields_max_;
  std::unique_ptr<std::atomic<field_slots*>[]> fields_;
  std::size_t bytes_ = 0;
  column_memory memory_;
  std::vector<std::vector<ring_patch>> patches_; // by block
  std::vector<std::size_t> patched_;             // blocks with patches
  alignas(64) std::atomic<tick> sealed_{tick_min};
};

} // namespace tocsin
