#include "streams/rule/blocked_until.hpp"

namespace tocsin {

namespace {

// A tick that the newest value slipped from is none of them: with the next tick it is an empty one.
bool stays_missing(const explained_tick& t) {
  return t.standing == tick_standing::blind || t.standing == tick_standing::before_first;
}

// How many ticks must leave the window until none is missing.
std::int64_t until_none(const std::vector<explained_tick>& window) {
  for (auto i = static_cast<std::int64_t>(window.size()); i > 0; --i)
    if (stays_missing(window[static_cast<std::size_t>(i - 1)]))
      return i;
  return 0;
}

// The same until an average counts: all are from the host's time, and at most half are missing.
std::int64_t until_half(const std::vector<explained_tick>& window) {
  std::int64_t missing = 0, before_first = 0, left = 0;
  for (const auto& t : window) {
    missing += stays_missing(t);
    before_first += t.standing == tick_standing::before_first;
  }
  const auto size = static_cast<std::int64_t>(window.size());
  for (const auto& t : window) {
    if (before_first == 0 && 2 * missing <= size)
      return left;
    missing -= stays_missing(t);
    before_first -= t.standing == tick_standing::before_first;
    ++left;
  }
  return left;
}

} // namespace

std::optional<tick> blocked_until(const rule& r, std::int64_t watch_ticks, const explained_check& c,
                                  bool verdict) {
  const bool as_it_grows = verdict == r.wants_more();
  std::int64_t leave = 0;
  switch (r.aggregate) {
  case aggregation::sum:
  case aggregation::count:
  case aggregation::max: // one value decides "enough", all must be known for "too little"
    leave = as_it_grows ? 0 : until_none(c.window);
    break;
  case aggregation::min:
    leave = as_it_grows ? until_none(c.window) : 0;
    break;
  case aggregation::avg:
    leave = until_half(c.window);
    break;
  case aggregation::last: // the next value decides
    break;
  }
  if (leave == 0)
    return std::nullopt;
  return (c.at + leave + watch_ticks) / watch_ticks * watch_ticks - 1;
}

} // namespace tocsin
