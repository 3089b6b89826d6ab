#include "streams/rule/window_past.hpp"

#include <algorithm>
#include <limits>

namespace tocsin {

tick oldest_held(const intake& in, const field_block* block) {
  const auto& history = in.history();
  // A start reads the log back from a tick on; samples of the first few may have come before it.
  auto oldest = history.first() < in.begun_at() ? in.begun_at() + in.grid().ticks_ahead() : tick{0};
  if (block != nullptr)
    oldest = std::max(oldest,
                      in.next() + in.grid().ticks_ahead() + 1 - static_cast<tick>(block->depth()));
  return oldest;
}

field_past read_past(const intake& in, field_index f, host_index host, tick from, tick to) {
  const auto* block = in.ring().find(f, host / block_hosts);
  const auto place = host % block_hosts;
  field_past past;
  past.from = std::max({from, oldest_held(in, block), tick{0}});
  to = std::min(to, in.next() - 1);
  for (auto t = past.from; t <= to; ++t) {
    const auto* row = block ? block->find(t) : nullptr;
    past.values.push_back(row ? row[place] : std::numeric_limits<double>::quiet_NaN());
    past.blind.push_back(in.history().blind(t));
  }
  if (block)
    past.first = block->first(place);
  return past;
}

} // namespace tocsin
