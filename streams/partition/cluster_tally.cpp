#include "streams/partition/cluster_tally.hpp"

#include "streams/window/column_ops.hpp"

namespace tocsin {

void cluster_tally::begin(tick sealed, bool blind) {
  totals_ = {sealed, blind, {}};
  field_ = block_ = 0;
  done_ = false;
}

bool cluster_tally::step(const intake& in, const places& at, std::size_t rows_max,
                         host_history* past) {
  if (done_)
    return false;
  const auto blocks = in.hosts().blocks();
  std::size_t rows = 0;
  for (; field_ < at.size(); ++field_, block_ = 0) {
    if (!at[field_])
      continue;
    auto& total = totals_.places[*at[field_]];
    for (; block_ < blocks; ++block_) {
      const auto f = static_cast<field_index>(field_);
      const auto* block = in.ring().find(f, block_);
      if (block == nullptr)
        continue;
      if (rows >= rows_max)
        return false;
      const auto* row = block->find(totals_.at);
      if (row) {
        total.add(column_ops::total(row));
        ++rows;
      }
      if (past)
        rows += past->take(f, block_, row);
    }
  }
  return done_ = true;
}

} // namespace tocsin
