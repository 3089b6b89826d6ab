#pragma once

#include "tools/reading/told_event.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// The order of events within a tick, as the semantics have it: what is resolved, then what is
/// opened; among these the order of the rules, of which those that are gone lead; then hosts.
class rule_order {
public:
  void add(std::string name) { places_.emplace(std::move(name), places_.size() + 1); }
  /// 0: the rule is gone.
  std::size_t place_of(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? 0 : found->second;
  }

private:
  std::map<std::string, std::size_t> places_;
};

/// Of events that come in any order, the newest: they stand in the incident stream in the order in
/// which `take` gives them. Holds at most twice as many as are wanted. An event is its incident's
/// id and kind: the same is kept once.
class recent_events {
public:
  recent_events(std::size_t wanted, const rule_order& rules) : wanted_(wanted), rules_(rules) {}

  void add(told_event event);
  /// Oldest first.
  std::vector<told_event> take();

private:
  struct placed {
    std::int64_t at_ms = 0;
    std::size_t rule = 0;
    told_event told;
  };
  static bool before(const placed& a, const placed& b);
  void keep_newest();

  std::size_t wanted_;
  const rule_order& rules_;
  std::vector<placed> events_;
};

} // namespace tocsin
