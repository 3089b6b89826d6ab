#pragma once

#include "streams/window/intake.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// What each host reported in the last five minutes, for people to look at: windows reach no
/// further back than rules need. No verdict depends on it. Owned by the aggregator; one thread.
///
/// 1. Its rows are those of the tick ring, copied behind each seal (cluster_tally does it while it
///    adds them up), and patched as the ring is: with late values, and where hosts are forgotten.
/// 2. Ticks follow each other without a hole; one that does not begins it anew.
/// 3. Memory: fields × hosts in whole blocks × (ticks + 1) × 8 bytes, `bytes_max` at most, and
///    for one tick twice that: where more would be needed, fewer ticks are kept of all of them,
///    and none where that would be fewer than three. Fields: those with a place in cluster_history.
/// 4. Indexes of hosts are an engine's own: leave() writes their names down, enter() finds the
///    hosts of the next engine by them. What nobody left is forgotten.
class host_history {
public:
  static constexpr std::int64_t span_ms = 300'000;
  static constexpr std::int64_t ticks_max = 4'096;
  /// An eighth of what the windows may take, and no more than this.
  static constexpr std::size_t bytes_most = std::size_t{1} << 30;
  static std::size_t bytes_within(std::uint64_t memory_bytes);

  explicit host_history(std::size_t bytes_max = bytes_most) : bytes_max_(bytes_max) {}

  /// Where the rows of a field go, by field_index; none: it is not kept.
  using places = std::vector<std::optional<std::size_t>>;

  /// A tick was sealed: what the seal changed in the ticks before it is taken over.
  void begin(tick sealed, const intake&, const places&);
  /// Takes the block's row of that tick, if there is one; every block that the ring has must be
  /// shown once. Returns how many rows were written.
  std::size_t take(field_index, std::size_t block, const double* row);

  /// How many ticks there are of a field, here or in its window, up to the last sealed one.
  std::int64_t ticks(const intake&, field_index) const;
  /// Where they are; null: no host of the block has any. One tick may be sealed until it is read.
  const field_block* find(const intake&, field_index, std::size_t block) const;
  /// Changes when ticks went that were there: whoever reads in steps begins anew.
  std::uint64_t version() const { return version_; }

  void leave(const intake&);
  void enter(const intake&);

  /// Memory taken by rows.
  std::size_t bytes() const;

private:
  using blocks = std::vector<std::unique_ptr<field_block>>;
  std::int64_t kept(const intake&, field_index) const;
  std::optional<std::size_t> place_of(field_index f) const {
    return f < places_.size() ? places_[f] : std::nullopt;
  }
  void clear(const tick_grid&, tick since);
  void fit(const intake&);
  void patch(const intake&);
  void forget(std::size_t block, const std::vector<std::uint32_t>& hosts);
  std::size_t make_shallow(std::unique_ptr<field_block>&);
  field_block& at(blocks&, std::size_t block);
  void move_rows(const field_block& from, const host_index* to, blocks& into);

  std::size_t bytes_max_;
  tick_grid grid_{0, 0};
  tick since_ = tick_min, newest_ = tick_min;
  std::int64_t depth_ = 0; // of blocks: one more than ticks are kept; 0: nothing is
  std::uint64_t version_ = 0;
  places places_;
  std::vector<blocks> fields_;     // by place
  std::vector<std::string> names_; // by host_index, between two engines; empty: none
};

/// What an aggregator leaves to the next one.
class left_host_history {
public:
  void put(host_history&& what) {
    const std::lock_guard lock(mutex_);
    left_ = std::move(what);
  }
  std::optional<host_history> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(left_, std::nullopt);
  }

private:
  std::mutex mutex_;
  std::optional<host_history> left_;
};

} // namespace tocsin
