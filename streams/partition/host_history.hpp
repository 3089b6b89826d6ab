#pragma once

#include "streams/partition/host_summaries.hpp"
#include "streams/window/intake.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tocsin {

/// What each host reported in the last five minutes, for people to look at: windows reach no
/// further back than rules need. What is older stays in sums and extrema of the last hours. No
/// verdict depends on it. Owned by the aggregator; one thread.
///
/// 1. Its rows are those of the tick ring, copied behind each seal (cluster_tally does it while it
///    adds them up), and patched as the ring is: with late values, and where hosts are forgotten.
/// 2. Ticks follow each other without a hole; one that does not begins it anew.
/// 3. Memory: fields × hosts in whole blocks × (ticks + 1) × 8 bytes, `bytes_max` at most, and
///    for one tick twice that: where more would be needed, fewer ticks are kept of all of them,
///    and none where that would be fewer than three. Fields: those with a place in cluster_history.
///    Sums and extrema have a bound of their own, at most a quarter of that.
/// 4. Each tick is either here or in the summaries of its field and block.
/// 5. Indexes of hosts are an engine's own: leave() writes their names down, enter() finds the
///    hosts of the next engine by them. What nobody left is forgotten.
class host_history {
public:
  static constexpr std::int64_t span_ms = 300'000;
  static constexpr std::int64_t ticks_max = 4'096;
  /// An eighth of what the windows may take, and no more than this.
  static constexpr std::size_t bytes_most = std::size_t{1} << 30;
  static std::size_t bytes_within(std::uint64_t memory_bytes);

  explicit host_history(std::size_t bytes_max = bytes_most)
      : bytes_max_(bytes_max), summaries_(std::min(bytes_max / 4, host_summaries::bytes_most)) {}

  /// Where the rows of a field go, by field_index; none: it is not kept.
  using places = std::vector<std::optional<std::size_t>>;

  /// A tick was sealed: what the seal changed in the ticks before it is taken over.
  void begin(tick sealed, const intake&, const places&);
  /// Takes the block's row of that tick, if there is one; every block that the ring has must be
  /// shown once. Returns how much that took, in rows that are copied.
  std::size_t take(field_index, std::size_t block, const double* row);

  /// How many ticks there are of a field, here or in its window, up to the last sealed one.
  std::int64_t ticks(const intake&, field_index) const;
  /// Where they are; null: no host of the block has any. One tick may be sealed until it is read.
  const field_block* find(const intake&, field_index, std::size_t block) const;
  /// Changes when ticks went that were there: whoever reads in steps begins anew.
  std::uint64_t version() const { return version_; }

  /// Where a question about the field begins that is to reach back to `wanted`, further than
  /// ticks(): there or a little before, or where what is known begins. none: no further.
  std::optional<tick> summed_from(const intake&, field_index, tick wanted) const;
  const host_summaries& summaries() const { return summaries_; }
  /// The ticks behind summaries().until(), of a field for which summed_from() gave something.
  const field_block* recent(field_index, std::size_t block) const;
  std::int64_t recent_ticks() const { return depth_; }
  /// Where the field is in the summaries.
  std::optional<std::size_t> place_of(field_index f) const {
    return f < places_.size() ? places_[f] : std::nullopt;
  }

  void leave(const intake&);
  /// `at`: of the fields of the engine that is entered.
  void enter(const intake&, const places& at);

  /// Memory taken by rows of ticks.
  std::size_t bytes() const;

private:
  using blocks = std::vector<std::unique_ptr<field_block>>;
  std::int64_t kept(const intake&, field_index) const;
  void clear(const tick_grid&, tick since);
  void fit(const intake&);
  void patch(const intake&);
  void forget(std::size_t block, const std::vector<std::uint32_t>& hosts);
  std::size_t sum_up(const field_block*, std::size_t place, std::size_t block);
  std::size_t make_shallow(std::unique_ptr<field_block>&);
  field_block& at(blocks&, std::size_t block);
  void move_rows(const field_block& from, const host_index* to, blocks& into);

  std::size_t bytes_max_;
  host_summaries summaries_;
  tick_grid grid_{0, 0};
  tick since_ = tick_min, newest_ = tick_min;
  std::int64_t depth_ = 0; // of blocks: one more than ticks are kept; 0: nothing is
  std::uint64_t version_ = 0;
  places places_;
  std::vector<blocks> fields_;     // by place
  std::vector<std::string> names_; // by host_index, between two engines; empty: none
};

/// What an aggregator leaves to the next one.
template <class T>
class left_behind {
public:
  void put(T&& what) {
    const std::lock_guard lock(mutex_);
    left_ = std::move(what);
  }
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(left_, std::nullopt);
  }

private:
  std::mutex mutex_;
  std::optional<T> left_;
};
using left_host_history = left_behind<host_history>;
/// When fields were reported last, by name.
using left_reports = left_behind<std::vector<std::pair<std::string, tick>>>;

} // namespace tocsin
