#pragma once

#include "config/rule.hpp"
#include "streams/window/tick.hpp"

#include <optional>
#include <vector>

namespace tocsin {

/// One field of one host over a range of ticks, wherever it was read from.
struct field_past {
  tick from = 0;              ///< the first tick that is known
  std::vector<double> values; ///< by tick; NaN: none
  std::vector<bool> blind;    ///< by tick
  tick first = tick_max;      ///< the host's first tick with the field; tick_max: there is none

  tick to() const { return from + static_cast<tick>(values.size()) - 1; }
  /// Whether everything that a check at tick n looks at is known (ticks_looked_at()).
  bool covers(tick n, std::int64_t looked_at) const {
    return n <= to() && (n - looked_at + 1 >= from || from == 0);
  }
};

/// What a tick of a window is to a rule (docs/semantics.md, missing ticks).
enum class tick_standing : std::uint8_t { value, silent, before_first, blind, slipped };

/// Why a verdict is unknown.
enum class unknown_reason : std::uint8_t {
  none,                   ///< it is known
  never_reported,         ///< the host has never had the field
  before_first,           ///< a tick lies before the host's first with the field, or the check does
  blind,                  ///< a tick is blind that could change the verdict
  slipped,                ///< the newest value may have slipped over the edge of its tick
  no_value,               ///< silence is no recovery: the window is empty
  newest_silent,          ///< … or its ticks since the check before are
  more_than_half_missing, ///< of an average's ticks
};

/// "before-first": the names of the API; empty for `none`.
const char* name_of(unknown_reason);

/// One tick of a window.
struct explained_tick {
  tick at = 0;
  double value = 0; ///< means something where it stands
  tick_standing standing = tick_standing::silent;
};

/// A check of one rule for one host, in full.
struct explained_check {
  tick at = 0;
  std::int64_t check_ticks = 1; ///< rules are checked at every so many ticks
  std::optional<bool> verdict;  ///< true: breach
  std::optional<double> value;  ///< exact; of sum and count over no values 0
  unknown_reason reason = unknown_reason::none;
  bool any_value = false;
  std::vector<explained_tick> window; ///< oldest first
};

/// Checks a rule once more, for one host, tick by tick: plain and slow where block_checker is
/// quick, with the same verdict and the same value to the bit. `past` must cover all that the check
/// looks at.
explained_check explain_check(const rule&, std::int64_t window_ticks, std::int64_t check_ticks,
                              const field_past& past, tick n);

} // namespace tocsin
