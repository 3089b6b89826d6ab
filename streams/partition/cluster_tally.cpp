#include "streams/partition/cluster_tally.hpp"

#include "streams/window/column_ops.hpp"

namespace tocsin {

void cluster_tally::begin(tick sealed, bool blind) {
  totals_ = {sealed, blind, {}};
  field_ = block_ = 0;
  done_ = false;
}

bool cluster_tally::step(const intake& in, const places& at, std::size_t rows_max) {
  if (done_)
    return false;
  const auto blocks = in.hosts().blocks();
  std::size_t rows = 0;
  for (; field_ < at.size(); ++field_, block_ = 0) {
    if (!at[field_])
      continue;
    auto& total = totals_.places[*at[field_]];
    for (; block_ < blocks; ++block_) {
      const auto* block = in.ring().find(static_cast<field_index>(field_), block_);
      const auto* row = block ? block->find(totals_.at) : nullptr;
      if (row == nullptr)
        continue;
      if (rows++ == rows_max)
        return false;
      total.add(column_ops::total(row));
    }
  }
  return done_ = true;
}

} // namespace tocsin
