#include "streams/partition/held_past.hpp"

#include <algorithm>
#include <limits>

namespace tocsin {

field_past held_past(const intake& in, const host_history& past, field_index f, host_index host,
                     tick from, tick to) {
  const auto windows = read_past(in, f, host, from, to);
  const auto ticks = past.ticks(in, f);
  if (ticks <= in.ring().reach(f) + 1)
    return windows;
  const auto newest = in.next() - 1;
  field_past all;
  all.first = windows.first;
  all.from = std::max(
      {from, newest - ticks + 1, oldest_held(in, nullptr), in.history().values_from(), tick{0}});
  if (all.from >= windows.from)
    return windows;
  to = std::min(to, newest);
  const auto* block = past.find(in, f, host / block_hosts);
  for (auto n = all.from; n < std::min(windows.from, to + 1); ++n) {
    const auto* row = block ? block->find(n) : nullptr;
    all.values.push_back(row ? row[host % block_hosts] : std::numeric_limits<double>::quiet_NaN());
    all.blind.push_back(in.history().blind(n));
  }
  all.values.insert(all.values.end(), windows.values.begin(), windows.values.end());
  all.blind.insert(all.blind.end(), windows.blind.begin(), windows.blind.end());
  return all;
}

} // namespace tocsin
