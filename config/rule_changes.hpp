#pragma once

#include "config/diagnostic.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// Names of the rules that differ between two rule sets, each in the order of the set that has
/// them. Where all are empty and the sets differ, it is by the order of their rules alone.
struct rule_changes {
  std::vector<std::string> added, changed, removed;
  friend bool operator==(const rule_changes&, const rule_changes&) = default;
};
rule_changes compare_rules(const rule_set& before, const rule_set& after);

/// The settings that differ and that a running engine does not take up, by their keys
/// ("pro.monitoring.collectionInterval"): all but the rules and whether alerting is enabled.
std::vector<std::string> settings_that_need_a_restart(const settings& running,
                                                      const settings& wanted);

/// Why rules that are fine in their file cannot be put in force in a running engine: these are its
/// settings with the new rules, and the hosts that it knows. `file` is for the messages.
diagnostics objections_to(const settings& under, std::uint64_t hosts, const std::string& file);

} // namespace tocsin
