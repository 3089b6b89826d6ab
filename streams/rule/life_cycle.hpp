#pragma once

#include "streams/rule/check.hpp"
#include "streams/rule/pair_map.hpp"
#include "streams/rule/tick_outcome.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
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
constexpr pair_state next_state(pair_state s, pair_cause cause) {
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

/// Incidents and cooldowns of a partition. Owned by the incident actor; rule actors read open()
/// between two steps. Memory: rules × hosts / 8 bytes, twice once a cooldown ran; 16 bytes per open
/// incident, 24 per cooldown.
class life_cycle {
public:
  life_cycle(const rule_set& rules, std::string cluster);

  struct incident {
    std::int64_t start_ms;
    double trigger_value;
  };

  /// Which pairs have an open incident.
  const pair_bits& open() const { return open_.bits(); }
  /// … and which are cooling down.
  const pair_bits& cooling() const { return cooldowns_.bits(); }
  /// The open incident of a pair, if it has one.
  std::optional<incident> find_open(rule_index r, host_index h) const {
    return open_.has(r, h) ? std::optional(open_.at(r, h)) : std::nullopt;
  }
  /// Until when a pair cools down; none where it does not.
  std::optional<std::int64_t> cooling_until(rule_index r, host_index h) const {
    return cooldowns_.has(r, h) ? std::optional(cooldowns_.at(r, h)) : std::nullopt;
  }
  bool any_cooldown() const { return cooldowns_.size() > 0; }
  std::size_t open_count() const { return open_.size() + removed_.size(); }

  /// Applies what was found at the seal of a tick. Forgotten hosts go first, as their verdicts
  /// were not asked for. Quick when the changes of one rule and block stand together by rising
  /// host, as block_checker gives them: O(changes), and O(open incidents of every rule and block
  /// with a change).
  tick_outcome step(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                    std::span<const verdict_change> changes, const host_table& hosts);
  /// The same with changes that several checkers found, each about blocks of its own.
  tick_outcome step(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                    std::span<const std::span<const verdict_change>> findings,
                    const host_table& hosts);

  /// The two halves of step(): what happens to pairs of indexes, and the names of their hosts,
  /// which only a commit needs. The names must be taken before the next seal.
  tick_outcome decide(std::int64_t end_ms, std::span<const forgotten_host> forgotten,
                      std::span<const std::span<const verdict_change>> findings);
  void name_hosts(tick_outcome&, const host_table& hosts);

  // What a start puts back.
  void restore_open(rule_index, host_index, std::int64_t start_ms, double trigger_value);
  void restore_cooldown(rule_index, host_index, std::int64_t until_ms);
  /// A cooldown whose rule is no longer in the rule set: it ends at the next step.
  void restore_forgotten_cooldown(tick_outcome::pair_names);
  /// An open incident whose rule is no longer in the rule set; in the old order of the rules. It
  /// is resolved at the next step.
  void restore_removed(tick_outcome::removed_incident);

private:
  struct pair_index {
    rule_index rule;
    host_index host;
  };

  void ask_ahead(std::span<const verdict_change> rest) const;
  void apply_run(std::span<const verdict_change>, tick_outcome&);
  bool apply(const verdict_change&, bool open, incident&, tick_outcome&);
  void forget_hosts(std::span<const forgotten_host>, tick_outcome&);
  void forget_in_block(std::size_t block, const host_mask& gone, const host_mask& expired,
                       tick_outcome&);
  void forget(rule_index, host_index, resolution, tick_outcome&);
  void end_cooldown(rule_index, host_index, tick_outcome&);
  void end_due_cooldowns(tick_outcome&);

  std::shared_ptr<const rule_book> book_;
  pair_map<incident> open_;
  pair_map<std::int64_t> cooldowns_;           // until when
  std::vector<std::uint32_t> cooling_by_rule_; // how many
  // By their end. One that was forgotten stays in here until then, and is no longer in cooldowns_.
  std::map<std::int64_t, std::vector<pair_index>> cooldown_ends_;
  std::vector<tick_outcome::removed_incident> removed_;
  std::vector<tick_outcome::pair_names> forgotten_cooldowns_;
  std::int64_t end_ms_ = 0; // of the step under way
  host_numbering numbering_;
};

} // namespace tocsin
