#pragma once

#include "streams/partition/cluster_history.hpp"
#include "streams/partition/host_history.hpp"

namespace tocsin {

/// Adds up the values of all hosts in the tick that was sealed last, piece by piece. Owned by who
/// owns the intake; must be done before the next seal.
class cluster_tally {
public:
  /// A step of so many rows of 1,024 values takes half a millisecond where they come from memory.
  static constexpr std::size_t rows_a_step = 256;
  /// Where the totals of a field go, by field_index; none: they are not wanted.
  using places = std::vector<std::optional<std::size_t>>;

  void begin(tick sealed, bool blind);
  bool done() const { return done_; }
  /// Adds up at most so many rows; true: the totals are whole now. `past` has begun with the same
  /// tick: each row is copied to it while it is at hand.
  bool step(const intake& in, const places& at, std::size_t rows_max = SIZE_MAX,
            host_history* past = nullptr);
  const cluster_history::row& totals() const { return totals_; }

private:
  cluster_history::row totals_;
  std::size_t field_ = 0, block_ = 0; // the next
  bool done_ = true;
};

} // namespace tocsin
