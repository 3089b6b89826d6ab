#include "streams/window/intake.hpp"

#include <algorithm>
#include <map>

// Which fields are known, since when, and for how long.

namespace tocsin {

namespace {

// A seal forgets so many at most: each touches its column of every block, and the record of every
// host that had it.
constexpr std::size_t forgotten_max = 16;

} // namespace

bool intake::is_kept(field_index f) const {
  return f < watched_ || f == latency_avg_ || f == latency_sum_ || f == latency_count_;
}

// Fields whose time is over, for others to have their places. No rule looks at them.
void intake::forget_fields(tick n) {
  if (following_)
    return;
  const auto now = history_.non_blind(n);
  std::size_t forgotten = 0;
  for (field_index f = 0; f < fields_.size() && forgotten < forgotten_max; ++f) {
    if (is_kept(f) || !fields_.known(f) || reports_[f].last >= n)
      continue;
    if (now - history_.non_blind(reports_[f].last) < expiry_ticks_)
      continue;
    for (host_index h = 0; h < hosts_.extent(); ++h)
      if (hosts_.at(h).known && !value_before_first(h, f, tick_max - 1))
        note_changed(h);
    ring_.clear_field(f);
    fields_.forget(f);
    reports_[f] = {tick_min, {}};
    ++forgotten;
  }
}

std::optional<std::pair<std::string, std::size_t>> intake::most_fields() const {
  std::map<std::string_view, std::size_t> brought;
  for (field_index f = 0; f < fields_.size(); ++f)
    if (fields_.known(f) && !reports_[f].first_by.empty())
      ++brought[reports_[f].first_by];
  const auto most = std::max_element(brought.begin(), brought.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  if (most == brought.end())
    return std::nullopt;
  return std::pair(std::string(most->first), most->second);
}

std::vector<std::pair<std::string, tick>> intake::last_reports() const {
  std::vector<std::pair<std::string, tick>> out;
  for (field_index f = 0; f < fields_.size(); ++f)
    if (fields_.known(f))
      out.emplace_back(fields_.name(f), reports_[f].last);
  return out;
}

void intake::restore_last_report(std::string_view field, tick last) {
  if (const auto f = fields_.find(field))
    reports_[*f].last = std::min(reports_[*f].last, last);
}

} // namespace tocsin
