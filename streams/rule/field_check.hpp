#pragma once

#include "streams/rule/hit_countdown.hpp"
#include "streams/rule/pair_bits.hpp"
#include "streams/rule/plan.hpp"
#include "streams/rule/verdict.hpp"
#include "streams/window/sliding_block.hpp"

#include <span>
#include <vector>

namespace tocsin {

/// A verdict that may change something: true without an open incident, or false with one.
struct verdict_change {
  double value; ///< the aggregated value; 0 without any
  rule_index rule;
  std::uint32_t host : 30; ///< host_index
  std::uint32_t breach : 1;
  std::uint32_t any_value : 1; ///< the window had a value
};
static_assert(sizeof(verdict_change) == 16);

/// The verdicts of one rule for the hosts of a block, as the engine finds them.
struct rule_verdicts {
  rule_index rule;
  const verdicts& found;
  const sliding_block& windows;
  const sliding_window& window;
  const window_masks& masks;
};

/// Is shown the verdicts of every rule.
class verdict_visitor {
public:
  virtual ~verdict_visitor() = default;
  /// A rule is going to be checked.
  virtual void begin() = 0;
  /// It was: what it takes lies between the two.
  virtual void end() = 0;
  virtual void visit(const rule_verdicts&) = 0;
};

/// Memory that checks of different fields and blocks use one after the other.
struct check_scratch {
  struct odd_host {
    std::size_t host;
    double value;
  };
  std::vector<odd_host> odd;
  window_masks masks;
  struct alignas(64) column : host_column {};
  column newest;
};

/// What a check needs besides its field.
struct check_context {
  const rule_set& rules;
  const pair_bits& open;
  std::size_t block;
  std::span<const tick> blind; ///< blind ticks of the longest window, newest first
  check_scratch& scratch;
};

/// All rules on one field, for the hosts of one block: the sliding state and the checks on it.
///
/// A rule costs one comparison per host, a bit each; XORed with the bits of the open incidents,
/// what is left are the changes, and only these are looked at one by one. A window in which no host
/// lacks a value takes that path; in others masks say which verdicts count (verdict.hpp).
class field_check {
public:
  /// Plan and memory must outlive this.
  field_check(const rule_plan::field& plan, field_index f, std::pmr::memory_resource*);

  /// Moves the windows to tick n: from n − 1 by sliding, else by building them again.
  void advance(const field_block&, tick n, std::span<const ring_patch>);

  /// Checks every rule on the field; once for each advance().
  void check(const field_block&, const check_context&, std::vector<verdict_change>& out);
  /// In place of check(): the same, and shows every verdict instead of changes only.
  void survey(const field_block&, const check_context&, verdict_visitor&);

private:
  struct window_check; // one window, while it is checked

  template <class Visit>
  void for_each_check(const field_block&, const check_context&, bool with_masks, Visit);
  void rebuild_countdowns(const field_block&, tick n);
  void patch_countdowns(const ring_patch&, tick before);

  const rule_plan::field& plan_;
  field_index field_;
  sliding_block windows_;
  std::vector<hit_countdown> countdowns_;
};

} // namespace tocsin
