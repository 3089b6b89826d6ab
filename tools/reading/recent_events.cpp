#include "tools/reading/recent_events.hpp"

#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <tuple>

namespace tocsin {

bool recent_events::before(const placed& a, const placed& b) {
  const auto& x = a.told.event;
  const auto& y = b.told.event;
  return std::tie(a.at_ms, x.opened, a.rule, x.rule_name, x.host_name, x.id) <
         std::tie(b.at_ms, y.opened, b.rule, y.rule_name, y.host_name, y.id);
}

void recent_events::add(told_event told) {
  const auto& e = told.event;
  const auto at_ms = read_iso_time(e.opened ? e.start_time : e.end_time).value_or(0);
  const auto rule = rules_.place_of(e.rule_name);
  events_.push_back({at_ms, rule, std::move(told)});
  if (events_.size() > 2 * wanted_)
    keep_newest();
}

void recent_events::keep_newest() {
  std::sort(events_.begin(), events_.end(), before);
  const auto same = [](const placed& a, const placed& b) { return !before(a, b) && !before(b, a); };
  events_.erase(std::unique(events_.begin(), events_.end(), same), events_.end());
  const auto extra = events_.size() - std::min(events_.size(), wanted_);
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(extra));
}

std::vector<told_event> recent_events::take() {
  keep_newest();
  std::vector<told_event> out;
  out.reserve(events_.size());
  for (auto& one : events_)
    out.push_back(std::move(one.told));
  events_.clear();
  return out;
}

} // namespace tocsin
