#pragma once

#include "actors/engine_context.hpp"
#include "streams/redis/connection.hpp"
#include "streams/redis/lease.hpp"

#include <span>
#include <string>

namespace tocsin {

/// Says that these rules are in force, also to those who follow events.
void take_up(engine_context&, const rule_set&);

/// The settings to evaluate with: the rules are those of this worker's file if it came while no
/// other lived, else those in force in the cluster, so that workers never resolve each other's
/// incidents.
result<settings> settings_in_force(redis::connection&, const engine_context&, bool others_seen);

/// A worker that stands by shows the rules that the owner evaluates.
status follow_rules(redis::connection&, engine_context&);

/// Puts rules in force in Redis, if the lease is still this owner's: whoever reads the partition
/// back next goes by them.
result<redis::lease_outcome> store_in_force(redis::connection&, const engine_context&,
                                            const std::string& owner, const rule_set&);

/// Forgets rule sets that neither are in force nor named by the record of seals: each reload leaves
/// one behind. There is one partition, so its record is all that names any.
void forget_rules(redis::connection&, const engine_context&, std::span<const std::string> named);

} // namespace tocsin
