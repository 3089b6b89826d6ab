#include "streams/window/tick_history.hpp"

#include <algorithm>

namespace tocsin {

void tick_history::push(bool blind, std::int64_t count) {
  last_ += count;
  if (!blind)
    return;
  if (!stretches_.empty() && stretches_.back().to == last_ - count)
    stretches_.back().to = last_;
  else
    stretches_.push_back({last_ - count + 1, last_, blind_total_});
  blind_total_ += count;
  if (stretches_.size() > stretches_max)
    stretches_.pop_front();
}

bool tick_history::blind(tick n) const {
  if (n < values_from_ || n > last_)
    return true;
  auto it = std::upper_bound(stretches_.begin(), stretches_.end(), n,
                             [](tick t, const stretch& s) { return t < s.from; });
  return it != stretches_.begin() && n <= std::prev(it)->to;
}

std::int64_t tick_history::non_blind(tick n) const {
  if (n < first_)
    return before_;
  n = std::min(n, last_);
  auto it = std::upper_bound(stretches_.begin(), stretches_.end(), n,
                             [](tick t, const stretch& s) { return t < s.from; });
  std::int64_t blind_ticks = 0;
  if (it != stretches_.begin()) {
    const auto& s = *std::prev(it);
    blind_ticks = s.blind_before + std::min(n, s.to) - s.from + 1;
  } else if (!stretches_.empty()) {
    blind_ticks = stretches_.front().blind_before;
  }
  return before_ + (n - first_ + 1) - blind_ticks;
}

} // namespace tocsin
