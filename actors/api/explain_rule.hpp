#pragma once

#include "actors/api/explanation.hpp"
#include "config/rule.hpp"
#include "streams/redis/connection.hpp"
#include "streams/redis/keys.hpp"

#include <optional>
#include <string>

namespace tocsin {

/// The rule set under which a tick was sealed, as its row names it.
struct rules_then {
  bool kept = false; ///< the row and the set are still there
  rule_set rules;
};
result<rules_then> find_rules_then(redis::connection&, const redis::partition_keys&,
                                   const redis::cluster_keys&, std::int64_t end_ms);

/// Puts the rule under which the check was made into the explanation, beside the one in force now
/// (`about`, where it has a name). True: it is another one than that, so whatever was found under
/// that one is void.
bool take_rule_then(explanation&, const rules_then&, const std::string& name);

} // namespace tocsin
