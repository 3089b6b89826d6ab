#pragma once

#include "streams/rule/check.hpp"
#include "streams/rule/incident.hpp"

#include <set>
#include <span>
#include <unordered_map>
#include <vector>

namespace tocsin {

/// Where a pair of rule and host stands.
enum class pair_state : std::uint8_t { idle, open, cooling };

/// What can happen to it.
enum class pair_cause : std::uint8_t { breach, clear, host_forgotten, rule_removed };

/// The one transition table of the incident life cycle: (state, cause) → state. An incident opens
/// where the result is open and was not before, and is resolved where it was open and is no longer.
///
///            | breach  | clear   | host forgotten | rule removed
///    idle    | open    | idle    | idle           | idle
///    open    | open    | cooling | idle           | idle
///    cooling | cooling | cooling | idle           | idle
///
/// Cooling ends by time alone; without a cooldown it ends at once.
pair_state next_state(pair_state, pair_cause);

/// What a tick did to incidents.
struct tick_outcome {
  /// Resolved before opened, then by rule (removed ones first), then by host name (byte order).
  std::vector<incident_event> events;

  /// Pairs whose cooldown ended, or was forgotten. One that began stands in its event.
  struct pair_names {
    std::string rule;
    std::string host;
  };
  std::vector<pair_names> cooled;
};

/// Incidents and cooldowns of a partition. Owned by the incident actor; rule actors read open()
/// between two steps. Memory: rules × hosts / 8 bytes, 100 bytes per open incident or cooldown.
class life_cycle {
public:
  life_cycle(const rule_set& rules, std::string cluster);

  /// Which pairs have an open incident.
  const pair_bits& open() const { return open_; }
  bool any_cooldown() const { return !cooldowns_.empty(); }
  std::size_t open_count() const { return incidents_.size() + removed_.size(); }

  /// Applies what was found at the seal of a tick. Forgotten hosts go first, as their verdicts
  /// were not asked for.
  tick_outcome step(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                    std::span<const verdict_change> changes, const host_table& hosts);

  // What a start puts back.
  void restore_open(rule_index, host_index, std::int64_t start_ms, double trigger_value);
  void restore_cooldown(rule_index, host_index, std::int64_t until_ms);
  /// A cooldown whose rule is no longer in the rule set: it ends at the next step.
  void restore_forgotten_cooldown(tick_outcome::pair_names);
  /// An open incident whose rule is no longer in the rule set; in the old order of the rules. It
  /// is resolved at the next step.
  void restore_removed(rule about, std::string host, std::int64_t start_ms, double trigger_value);

private:
  using pair_key = std::uint64_t;
  static pair_key key(rule_index r, host_index h) { return std::uint64_t{r} << 32 | h; }
  struct incident {
    std::int64_t start_ms;
    double trigger_value;
  };
  struct ranked_event {
    std::uint64_t rank; // opened, then rule
    incident_event event;
  };

  pair_state state(rule_index, host_index) const;
  void apply(rule_index, host_index, pair_cause, const verdict_change*, resolution);
  void open_incident(rule_index, host_index, double value);
  void resolve_incident(rule_index, host_index, pair_state next, resolution);
  void resolve_removed();
  void forget_host(const forgotten_host&);
  bool end_known_cooldown(rule_index, host_index);
  void end_cooldown(rule_index, host_index);
  void end_due_cooldowns();
  incident_event event(rule_index, host_index, const incident&) const;

  rule_set rules_;
  std::string cluster_;
  pair_bits open_;
  std::unordered_map<pair_key, incident> incidents_;
  std::unordered_map<pair_key, std::int64_t> cooldowns_;
  std::set<std::pair<std::int64_t, pair_key>> cooldown_ends_;
  std::vector<incident_event> removed_;
  std::vector<tick_outcome::pair_names> forgotten_cooldowns_;

  // Of the step under way.
  std::int64_t end_ms_ = 0;
  const host_table* hosts_ = nullptr;
  std::vector<ranked_event> found_;
  std::vector<tick_outcome::pair_names> cooled_;
};

} // namespace tocsin
