#pragma once

#include "config/settings.hpp"
#include "streams/rule/incident.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tocsin::test {

/// An entry of a log: one sample, or a heartbeat where `host` is empty.
struct naive_line {
  std::int64_t at_ms = 0; ///< its log time
  std::string host;
  std::optional<std::int64_t> ts_ms;
  bool gone = false;
  std::vector<std::pair<std::string, double>> values;
};

/// A host as SEMANTICS 2 describes it, in maps.
struct naive_host {
  using place = std::pair<std::string, std::int64_t>; // field, tick

  std::int64_t last = -1;
  bool gone = false;
  std::map<std::string, std::int64_t> first;
  std::map<place, double> places;
  std::map<place, std::int64_t> stamps;
  std::set<place> taken; // field, explicit ts
  std::map<std::int64_t, double> reported;
  std::map<std::int64_t, int> brought;
  std::set<std::int64_t> derives;

  std::optional<double> value(const std::string& field, std::int64_t tick) const {
    const auto it = places.find({field, tick});
    return it == places.end() ? std::nullopt : std::optional(it->second);
  }
  void note(bool says_gone, std::int64_t tick, bool late) {
    if (says_gone && tick >= last)
      gone = true;
    if (!says_gone && !late)
      gone = false;
    last = std::max(last, tick);
  }
  std::optional<double> derive(std::int64_t tick) const {
    const auto sum = value("requests.latency_sum", tick);
    const auto count = value("requests.count", tick);
    if (!sum || !count || !(*count > 0) || std::abs(*sum / *count) > 1e300)
      return std::nullopt;
    const double avg = *sum / *count;
    return std::abs(avg) < 1e-290 ? 0.0 : avg;
  }
  void note_first(const std::string& field, std::int64_t tick) {
    const auto it = first.emplace(field, tick).first;
    it->second = std::min(it->second, tick);
  }
  void merge(const std::string& field, std::int64_t tick, double v, std::int64_t ts) {
    const bool is_avg = field == "requests.latency_avg";
    const bool there = is_avg ? reported.contains(tick) : places.contains({field, tick});
    double& at = is_avg ? reported[tick] : places[{field, tick}];
    if (field.ends_with(".count") || field.ends_with("_sum")) {
      at = there ? at + v : v;
    } else if (!stamps.contains({field, tick}) || ts >= stamps[{field, tick}]) {
      at = v;
      stamps[{field, tick}] = ts;
    }
  }
  void take(const naive_line& s, std::int64_t tick, std::int64_t ts) {
    note(s.gone, tick, false);
    bool fresh = false, names_avg = false;
    for (const auto& [field, v] : s.values) {
      names_avg |= field == "requests.latency_avg";
      if (s.ts_ms && !taken.insert({field, ts}).second)
        continue;
      fresh = true;
      merge(field, tick, v, ts);
      note_first(field, tick);
    }
    if (!fresh)
      return;
    if (++brought[tick] > 1 || !names_avg)
      derives.insert(tick);
    auto avg = derives.contains(tick) ? derive(tick) : std::nullopt;
    if (!avg && reported.contains(tick))
      avg = reported[tick];
    const place at{"requests.latency_avg", tick};
    if (!avg) {
      places.erase(at);
      return;
    }
    places[at] = *avg;
    note_first(at.first, tick);
  }
  void fill_place(const std::string& field, std::int64_t tick, double v) {
    if (first.contains(field) && tick >= first[field])
      places.emplace(place{field, tick}, v);
  }
  void fill(const naive_line& s, std::int64_t tick) {
    note(s.gone, tick, true);
    for (const auto& [field, v] : s.values)
      fill_place(field, tick, v);
    if (const auto avg = derive(tick))
      fill_place("requests.latency_avg", tick, *avg);
  }
};

/// Sums without rounding, in units of 2^-80: exact for multiples of it below 2^40.
class naive_sum {
public:
  void add(double x) { units_ += static_cast<wide>(std::ldexp(x, 80)); }
  /// Divided by n, rounded once to the nearest double, ties to even.
  double divided(std::int64_t n) const {
    const wide units = units_ << 6;
    wide q = units / n;
    if (units % n != 0)
      q |= 1; // far below what a double holds: only breaks ties
    return std::ldexp(static_cast<double>(q), -86);
  }

private:
  __extension__ using wide = __int128;
  wide units_ = 0;
};

struct naive_verdict {
  std::optional<bool> verdict;
  double value = 0;
  bool empty = true;
};

/// SEMANTICS 3 and 4, word by word. Values as naive_sum takes them.
inline naive_verdict naive_judge(const rule& r, const naive_host& host, std::int64_t tick,
                                 const std::set<std::int64_t>& blind, std::int64_t interval_ms,
                                 std::int64_t check_ticks = 1) {
  const auto ticks = r.window_ticks(interval_ms);
  std::vector<std::pair<std::int64_t, double>> v;
  std::vector<std::int64_t> missing;
  bool before_first = false;
  const auto first = host.first.at(r.field);
  for (auto t = tick - ticks + 1; t <= tick; ++t) {
    if (const auto x = host.value(r.field, t)) {
      v.emplace_back(t, *x);
      continue;
    }
    const bool slipped = t == tick && host.value(r.field, t - 1).has_value() &&
                         (check_ticks == 1 || host.value(r.field, t - 2) || t - 2 < first);
    if (r.partial || !(t < first || blind.contains(t) || slipped))
      continue;
    missing.push_back(t);
    before_first |= t < first;
  }
  naive_verdict out;
  out.empty = v.empty();
  const bool adds = r.aggregate == aggregation::sum || r.aggregate == aggregation::count;
  naive_sum sum;
  double least = INFINITY, greatest = -INFINITY;
  for (const auto& [t, x] : v) {
    sum.add(x);
    least = std::min(least, x);
    greatest = std::max(greatest, x);
  }
  if (!v.empty())
    switch (r.aggregate) {
    case aggregation::avg:
      out.value = sum.divided(static_cast<std::int64_t>(v.size()));
      break;
    case aggregation::sum:
      out.value = sum.divided(1);
      break;
    case aggregation::min:
      out.value = least;
      break;
    case aggregation::max:
      out.value = greatest;
      break;
    case aggregation::last:
      out.value = v.back().second;
      break;
    case aggregation::count:
      out.value = static_cast<double>(v.size());
      break;
    }
  const bool more = r.compare == operand::equal_or_more_than;
  const bool met = more ? out.value >= r.threshold : out.value <= r.threshold;
  const bool resolve = r.on_no_data == no_data::resolve;
  if (!missing.empty()) {
    if (v.empty())
      return out;
    switch (r.aggregate) {
    case aggregation::sum:
    case aggregation::count:
    case aggregation::max:
      if (met == more)
        out.verdict = met;
      break;
    case aggregation::min:
      if (met != more)
        out.verdict = met;
      break;
    case aggregation::last:
      if (missing.back() < v.back().first)
        out.verdict = met;
      break;
    case aggregation::avg:
      if (!before_first && 2 * static_cast<std::int64_t>(missing.size()) <= ticks)
        out.verdict = met;
      break;
    }
    return out;
  }
  if (v.empty()) {
    if (adds && !more)
      out.verdict = met;
    else if (resolve)
      out.verdict = false;
  } else if (adds && more && !met && v.back().first <= tick - check_ticks) {
    if (resolve)
      out.verdict = false;
  } else {
    out.verdict = met;
  }
  return out;
}

/// The semantics once more, with nothing shared and nothing fast: windows are recomputed from maps
/// at every check. Speaks of one partition; entries come one by one in log time.
class naive_partition {
public:
  explicit naive_partition(settings s) : config_(std::move(s)) {}

  void enter(const naive_line& l) {
    const auto before = now_;
    now_ = std::max(l.at_ms, before.value_or(0));
    if (!before)
      next_ = *now_ / config_.interval_ms;
    else if (heartbeat_seen_ && *now_ - *before > gap_ms())
      gaps_.emplace_back(*before, *now_);
    while (*now_ >= end_of(next_) + config_.grace_ms)
      seal();
    if (l.host.empty())
      heartbeat_seen_ = true;
    else
      apply(l, l.ts_ms.value_or(*now_));
  }
  void finish() {
    while (next_ <= newest_)
      seal();
  }
  /// Takes effect at the next seal.
  void change_rules(rule_set rules) {
    for (const auto& r : config_.rules)
      if (std::none_of(rules.begin(), rules.end(), [&](auto& n) { return n.name == r.name; }))
        gone_rules_.push_back(r);
    config_.rules = std::move(rules);
  }

  std::vector<incident_event> events; ///< `cooldown_until_ms` and thresholds are not kept
  std::map<std::string, naive_host> hosts;
  std::set<std::int64_t> blind;
  std::int64_t next() const { return next_; }

private:
  struct opened {
    std::int64_t start_ms;
    double value;
  };
  using pair = std::pair<std::string, std::string>; // rule, host

  std::int64_t end_of(std::int64_t tick) const { return (tick + 1) * config_.interval_ms; }
  std::int64_t gap_ms() const {
    return std::max({config_.interval_ms / 2, config_.grace_ms, std::int64_t{500}});
  }
  void apply(const naive_line& l, std::int64_t ts) {
    const auto tick = ts / config_.interval_ms;
    if (tick > next_ + 1 + config_.grace_ticks())
      return;
    if (tick < next_) {
      if (hosts.contains(l.host))
        hosts[l.host].fill(l, tick);
      return;
    }
    newest_ = std::max(newest_, tick);
    hosts[l.host].take(l, tick, ts);
  }
  void seal() {
    const auto tick = next_++;
    for (const auto& [begin, end] : gaps_)
      if (begin < end_of(tick) + config_.grace_ms && end > tick * config_.interval_ms)
        blind.insert(tick);
    std::vector<std::pair<std::size_t, incident_event>> resolved, opened;
    remove_rules(tick, resolved);
    expire(tick, resolved);
    if ((tick + 1) % config_.watcher_ticks() == 0)
      check(tick, resolved, opened);
    for (auto* list : {&resolved, &opened}) {
      std::stable_sort(list->begin(), list->end(), [](auto& a, auto& b) {
        return std::pair(a.first, a.second.host) < std::pair(b.first, b.second.host);
      });
      for (auto& [rank, e] : *list)
        events.push_back(e);
    }
  }
  incident_event make(const rule& r, const std::string& host, const opened& o) const {
    incident_event e;
    e.about = r;
    e.host = host;
    e.id = incident_id(config_.cluster, r.name, host, o.start_ms);
    e.start_ms = o.start_ms;
    e.trigger_value = o.value;
    return e;
  }
  incident_event end(const rule& r, const pair& key, std::int64_t tick, resolution why) {
    auto e = make(r, key.second, open_.at(key));
    e.opened = false;
    e.end_ms = end_of(tick);
    e.reason = why;
    open_.erase(key);
    return e;
  }
  void remove_rules(std::int64_t tick, auto& resolved) {
    for (std::size_t i = 0; i < gone_rules_.size(); ++i) {
      const auto& r = gone_rules_[i];
      std::erase_if(ended_, [&](auto& e) { return e.first.first == r.name; });
      for (const auto& [name, host] : hosts)
        if (open_.contains({r.name, name}))
          resolved.emplace_back(i, end(r, {r.name, name}, tick, resolution::rule_removed));
    }
    gone_rules_.clear();
  }
  void expire(std::int64_t tick, auto& resolved) {
    for (auto it = hosts.begin(); it != hosts.end();) {
      std::int64_t silent = 0;
      for (auto t = it->second.last + 1; t <= tick; ++t)
        silent += !blind.contains(t);
      const bool gone = it->second.gone;
      if (!gone && silent * config_.interval_ms < config_.host_expiry_ms) {
        ++it;
        continue;
      }
      const auto name = it->first;
      for (std::size_t i = 0; i < config_.rules.size(); ++i)
        if (const pair key{config_.rules[i].name, name}; open_.contains(key))
          resolved.emplace_back(1000 + i,
                                end(config_.rules[i], key, tick,
                                    gone ? resolution::host_gone : resolution::host_expired));
      std::erase_if(ended_, [&](auto& e) { return e.first.second == name; });
      it = hosts.erase(it);
    }
  }
  void check(std::int64_t tick, auto& resolved, auto& opened_list) {
    for (std::size_t i = 0; i < config_.rules.size(); ++i)
      for (const auto& [name, host] : hosts) {
        const auto& r = config_.rules[i];
        const pair key{r.name, name};
        if (!host.first.contains(r.field) || tick < host.first.at(r.field))
          continue;
        const auto j =
            naive_judge(r, host, tick, blind, config_.interval_ms, config_.watcher_ticks());
        const bool cooling = ended_.contains(key) && end_of(tick) < ended_[key] + r.cooldown_ms;
        if (j.verdict == true && !open_.contains(key) && !cooling) {
          open_[key] = {end_of(tick), j.value};
          opened_list.emplace_back(1000 + i, make(r, name, open_[key]));
        } else if (j.verdict == false && open_.contains(key)) {
          resolved.emplace_back(
              1000 + i, end(r, key, tick, j.empty ? resolution::no_data : resolution::recovered));
          ended_[key] = end_of(tick);
        }
      }
  }

  settings config_;
  std::optional<std::int64_t> now_;
  bool heartbeat_seen_ = false;
  std::vector<std::pair<std::int64_t, std::int64_t>> gaps_;
  std::int64_t next_ = 0, newest_ = -1;
  std::map<pair, opened> open_;
  std::map<pair, std::int64_t> ended_;
  std::vector<rule> gone_rules_;
};

} // namespace tocsin::test
