#pragma once

#include "streams/rule/life_cycle.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace tocsin::test {

/// What a step came to, in full.
struct plain_outcome {
  std::vector<incident_event> events;
  std::vector<tick_outcome::pair_names> cooled;

  explicit plain_outcome(tick_outcome o) : events(o.events()) {
    for (std::size_t i = 0; i < o.cooled_count(); ++i)
      cooled.push_back({std::string(o.cooled(i).first), std::string(o.cooled(i).second)});
  }
  plain_outcome() = default;
};

/// The life cycle of incidents as the dumbest thing that is right: maps by names, sorted at the
/// end.
class naive_life_cycle {
public:
  naive_life_cycle(rule_set rules, std::string cluster)
      : rules_(std::move(rules)), cluster_(std::move(cluster)) {}

  plain_outcome step(std::int64_t end_ms, const std::vector<forgotten_host>& forgotten,
                     const std::vector<verdict_change>& changes, const host_table& hosts) {
    now_ = end_ms;
    out_.clear();
    cooled_.clear();
    for (auto& [about, host, start_ms, value] : removed_)
      note(1, removed_order(about.name), make(about, host, {start_ms, value}), false,
           resolution::rule_removed, false);
    removed_.clear();
    removed_names_.clear();
    for (auto it = cooling_.begin(); it != cooling_.end();)
      it = it->second <= end_ms ? end_cooldown(it) : std::next(it);
    for (const auto& f : forgotten)
      forget(hosts.name(f.host),
             f.why == farewell::gone ? resolution::host_gone : resolution::host_expired);
    for (const auto& c : changes)
      apply(c.rule, hosts.name(c.host), c);
    return sorted();
  }
  bool is_open(std::size_t r, const std::string& host) const { return open_.contains({r, host}); }
  std::size_t open_count() const { return open_.size() + removed_.size(); }

  void restore_open(std::size_t r, const std::string& host, std::int64_t ms, double value) {
    open_[{r, host}] = {ms, value};
  }
  void restore_cooldown(std::size_t r, const std::string& host, std::int64_t until_ms) {
    cooling_[{r, host}] = until_ms;
  }
  void restore_removed(const rule& about, const std::string& host, std::int64_t ms, double value) {
    removed_.emplace_back(about, host, ms, value);
  }

private:
  using pair = std::pair<std::size_t, std::string>; // rule, host
  using incident = std::pair<std::int64_t, double>;

  std::size_t removed_order(const std::string& name) {
    auto it = std::find(removed_names_.begin(), removed_names_.end(), name);
    if (it == removed_names_.end())
      it = removed_names_.insert(it, name);
    return static_cast<std::size_t>(it - removed_names_.begin());
  }
  incident_event make(const rule& r, const std::string& host, incident i) const {
    incident_event e;
    e.about = r;
    e.host = host;
    e.start_ms = i.first;
    e.trigger_value = i.second;
    e.id = incident_id(cluster_, r.name, host, i.first);
    return e;
  }
  // kind: 1 of a removed rule, 2 resolved, 3 opened.
  void note(int kind, std::size_t rule, incident_event e, bool opened, resolution why, bool cools) {
    e.opened = opened;
    if (!opened) {
      e.end_ms = now_;
      e.reason = why;
      e.cooldown_until_ms = cools && e.about.cooldown_ms > 0 ? now_ + e.about.cooldown_ms : 0;
    }
    out_[{kind, rule, e.host}] = e;
  }
  std::map<pair, std::int64_t>::iterator end_cooldown(std::map<pair, std::int64_t>::iterator it) {
    cooled_.push_back({rules_[it->first.first].name, it->first.second});
    return cooling_.erase(it);
  }
  void forget(const std::string& host, resolution why) {
    for (std::size_t r = 0; r < rules_.size(); ++r) {
      if (const auto it = open_.find({r, host}); it != open_.end()) {
        note(2, r, make(rules_[r], host, it->second), false, why, false);
        open_.erase(it);
      }
      if (const auto it = cooling_.find({r, host}); it != cooling_.end())
        end_cooldown(it);
    }
  }
  void apply(std::size_t r, const std::string& host, const verdict_change& c) {
    const auto it = open_.find({r, host});
    if (c.breach && it == open_.end() && !cooling_.contains({r, host})) {
      open_[{r, host}] = {now_, c.value};
      note(3, r, make(rules_[r], host, {now_, c.value}), true, {}, false);
    }
    if (!c.breach && it != open_.end()) {
      note(2, r, make(rules_[r], host, it->second), false,
           c.any_value ? resolution::recovered : resolution::no_data, true);
      open_.erase(it);
      if (rules_[r].cooldown_ms > 0)
        cooling_[{r, host}] = now_ + rules_[r].cooldown_ms;
    }
  }
  plain_outcome sorted() const {
    plain_outcome o;
    for (const auto& [key, e] : out_)
      o.events.push_back(e);
    o.cooled = cooled_;
    return o;
  }

  rule_set rules_;
  std::string cluster_;
  std::map<pair, incident> open_;
  std::map<pair, std::int64_t> cooling_;
  std::vector<std::tuple<rule, std::string, std::int64_t, double>> removed_;
  std::vector<std::string> removed_names_;
  std::int64_t now_ = 0;
  std::map<std::tuple<int, std::size_t, std::string>, incident_event> out_;
  std::vector<tick_outcome::pair_names> cooled_;
};

} // namespace tocsin::test
