#include "streams/partition/skew_watch.hpp"

#include "config/duration.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace tocsin {

namespace {
constexpr std::int64_t late_intervals = 3;
}

skew_watch::state* skew_watch::find_or_add(std::string_view host) {
  const auto it = hosts_.find(host);
  if (it != hosts_.end())
    return &it->second;
  if (hosts_.size() >= hosts_max)
    return nullptr;
  return &hosts_[std::string(host)];
}

void skew_watch::set_skewed(std::string_view name, state& s, std::int64_t ahead_ms) {
  if (s.skewed)
    return;
  s.skewed = true;
  s.ahead_ms = ahead_ms;
  ++skewed_;
  if (!s.warned)
    new_.push_back({std::string(name), ahead_ms});
  s.warned = true;
}

std::vector<skew_watch::skewed_host> skew_watch::some(std::size_t most) const {
  // By name: the order of the table is another in each process.
  std::vector<decltype(hosts_)::const_pointer> found;
  for (const auto& host : hosts_)
    if (host.second.skewed)
      found.push_back(&host);
  most = std::min(most, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(most), found.end(),
                    [](const auto* a, const auto* b) { return a->first < b->first; });
  std::vector<skewed_host> out;
  for (std::size_t i = 0; i < most; ++i)
    out.push_back({found[i]->first, found[i]->second.ahead_ms});
  return out;
}

void skew_watch::note(std::string_view host, sample_fate fate, std::int64_t log_ms,
                      std::int64_t ts_ms) {
  if (fate == sample_fate::accepted) {
    if (hosts_.empty())
      return;
    const auto it = hosts_.find(host);
    if (it == hosts_.end())
      return;
    skewed_ -= it->second.skewed;
    it->second.skewed = false;
    it->second.late_since_ms = 0;
    return;
  }
  if (fate != sample_fate::early && fate != sample_fate::late)
    return;
  auto* s = find_or_add(host);
  if (!s)
    return;
  if (fate == sample_fate::early)
    return set_skewed(host, *s, ts_ms - log_ms);
  if (s->late_since_ms == 0)
    s->late_since_ms = log_ms;
  if (log_ms - s->late_since_ms >= late_intervals * grid_.interval_ms)
    set_skewed(host, *s, ts_ms - log_ms);
}

std::string skew_watch::words(std::int64_t ahead_ms, std::int64_t now_ms) {
  constexpr std::int64_t close_ms = std::int64_t{365} * 86'400'000;
  const auto ts = now_ms + ahead_ms; // as the host wrote it
  const auto unit = std::abs(ts * 1'000 - now_ms) < close_ms   ? "seconds"
                    : std::abs(ts / 1'000 - now_ms) < close_ms ? "microseconds"
                                                               : nullptr;
  return fmt::format("{} {}{}", describe_roughly(std::abs(ahead_ms)),
                     ahead_ms > 0 ? "ahead" : "behind",
                     unit ? fmt::format(" ({} instead of milliseconds?)", unit) : "");
}

} // namespace tocsin
