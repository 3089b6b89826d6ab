#pragma once

#include "config/problem_list.hpp"
#include "config/rule.hpp"
#include "config/settings.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace tocsin {

/// A rule with the places that later checks point at.
struct placed_rule {
  rule value;
  origin name;
  origin threshold;
  origin timeframe;
  bool whole = false; ///< every key was fine; else only what is set may be looked at
};

/// Every key a rule may have, in the order in which write_rules writes them.
std::span<const std::string_view> rule_keys();

/// Reads an array of rules, and reports everything that is wrong with each alone: missing and
/// unknown keys, bad values, names that are taken. An empty object is skipped with a warning.
/// A timeframe that is missing or bad is left 0.
std::vector<placed_rule> read_placed_rules(const json_cursor& array, problem_list& problems);

/// Reports what is wrong with the rules under these intervals: windows of too many ticks, and the
/// warnings of timeframes that are rounded, that no check covers, and of counts that are decided.
void check_windows(std::span<const placed_rule> rules, const settings&, problem_list& problems);

} // namespace tocsin
