#include "streams/rule/life_cycle.hpp"

#include <algorithm>
#include <utility>

namespace tocsin {

namespace {

// Events are ordered by kind, then by rule; removed rules stand before the others.
constexpr std::uint64_t opened_rank = std::uint64_t{1} << 63;
constexpr std::uint64_t rule_rank(rule_index r) {
  return (std::uint64_t{1} << 62) + r;
}

} // namespace

pair_state next_state(pair_state s, pair_cause cause) {
  switch (cause) {
  case pair_cause::breach:
    return s == pair_state::idle ? pair_state::open : s;
  case pair_cause::clear:
    return s == pair_state::open ? pair_state::cooling : s;
  case pair_cause::host_forgotten:
  case pair_cause::rule_removed:
    break;
  }
  return pair_state::idle;
}

life_cycle::life_cycle(const rule_set& rules, std::string cluster)
    : rules_(rules), cluster_(std::move(cluster)), open_(rules.size()) {}

pair_state life_cycle::state(rule_index r, host_index h) const {
  if (open_.test(r, h))
    return pair_state::open;
  return cooldowns_.contains(key(r, h)) ? pair_state::cooling : pair_state::idle;
}

tick_outcome life_cycle::step(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                              std::span<const verdict_change> changes, const host_table& hosts) {
  end_ms_ = end_ms;
  hosts_ = &hosts;
  found_.clear();
  cooled_ = std::exchange(forgotten_cooldowns_, {});
  end_due_cooldowns();
  resolve_removed();
  for (const auto& host : forgotten)
    forget_host(host);
  for (const auto& c : changes)
    apply(c.rule, c.host, c.breach ? pair_cause::breach : pair_cause::clear, &c,
          c.any_value ? resolution::recovered : resolution::no_data);
  std::stable_sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.event.host < b.event.host;
  });
  tick_outcome out;
  out.cooled.swap(cooled_);
  out.events.reserve(found_.size());
  for (auto& f : found_)
    out.events.push_back(std::move(f.event));
  return out;
}

void life_cycle::apply(rule_index r, host_index h, pair_cause cause, const verdict_change* change,
                       resolution reason) {
  const auto before = state(r, h);
  const auto after = next_state(before, cause);
  if (before == after)
    return;
  if (before == pair_state::cooling)
    end_cooldown(r, h);
  else if (before == pair_state::open)
    resolve_incident(r, h, after, reason);
  else
    open_incident(r, h, change->value);
}

void life_cycle::open_incident(rule_index r, host_index h, double value) {
  const auto& made = incidents_[key(r, h)] = {end_ms_, value};
  open_.set(r, h, true);
  found_.push_back({opened_rank | rule_rank(r), event(r, h, made)});
}

void life_cycle::resolve_incident(rule_index r, host_index h, pair_state next, resolution reason) {
  const auto it = incidents_.find(key(r, h));
  auto e = event(r, h, it->second);
  e.opened = false;
  e.end_ms = end_ms_;
  e.reason = reason;
  incidents_.erase(it);
  open_.set(r, h, false);
  if (next == pair_state::cooling && rules_[r].cooldown_ms > 0) {
    e.cooldown_until_ms = end_ms_ + rules_[r].cooldown_ms;
    restore_cooldown(r, h, e.cooldown_until_ms);
  }
  found_.push_back({rule_rank(r), std::move(e)});
}

void life_cycle::resolve_removed() {
  std::uint64_t order = 0;
  for (auto& e : removed_) {
    e.opened = false;
    e.end_ms = end_ms_;
    e.reason = resolution::rule_removed;
    // Incidents of one rule keep one rank, so that hosts decide among them.
    order += found_.empty() || found_.back().event.about.name != e.about.name;
    found_.push_back({order, std::move(e)});
  }
  removed_.clear();
}

void life_cycle::forget_host(const forgotten_host& f) {
  const auto reason = f.why == farewell::gone ? resolution::host_gone : resolution::host_expired;
  for (rule_index r = 0; r < rules_.size(); ++r)
    apply(r, f.host, pair_cause::host_forgotten, nullptr, reason);
}

bool life_cycle::end_known_cooldown(rule_index r, host_index h) {
  const auto it = cooldowns_.find(key(r, h));
  if (it == cooldowns_.end())
    return false;
  cooldown_ends_.erase({it->second, it->first});
  cooldowns_.erase(it);
  return true;
}

void life_cycle::end_cooldown(rule_index r, host_index h) {
  end_known_cooldown(r, h);
  cooled_.push_back({rules_[r].name, hosts_->name(h)});
}

void life_cycle::end_due_cooldowns() {
  while (!cooldown_ends_.empty() && cooldown_ends_.begin()->first <= end_ms_) {
    const auto k = cooldown_ends_.begin()->second;
    end_cooldown(static_cast<rule_index>(k >> 32), static_cast<host_index>(k));
  }
}

incident_event life_cycle::event(rule_index r, host_index h, const incident& i) const {
  incident_event e;
  e.about = rules_[r];
  e.host = hosts_->name(h);
  e.id = incident_id(cluster_, e.about.name, e.host, i.start_ms);
  e.start_ms = i.start_ms;
  e.trigger_value = i.trigger_value;
  return e;
}

void life_cycle::restore_open(rule_index r, host_index h, std::int64_t start_ms, double value) {
  incidents_[key(r, h)] = {start_ms, value};
  open_.set(r, h, true);
}

void life_cycle::restore_cooldown(rule_index r, host_index h, std::int64_t until_ms) {
  end_known_cooldown(r, h);
  cooldowns_[key(r, h)] = until_ms;
  cooldown_ends_.emplace(until_ms, key(r, h));
}

void life_cycle::restore_forgotten_cooldown(tick_outcome::pair_names pair) {
  forgotten_cooldowns_.push_back(std::move(pair));
}

void life_cycle::restore_removed(rule about, std::string host, std::int64_t start_ms,
                                 double trigger_value) {
  incident_event e;
  e.id = incident_id(cluster_, about.name, host, start_ms);
  e.about = std::move(about);
  e.host = std::move(host);
  e.start_ms = start_ms;
  e.trigger_value = trigger_value;
  removed_.push_back(std::move(e));
}

} // namespace tocsin
