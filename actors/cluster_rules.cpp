#include "actors/cluster_rules.hpp"

#include "config/read_settings.hpp"
#include "streams/partition/recovery.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

// None where it is not kept any more, or somebody else wrote it.
result<std::optional<rule_set>> load_rule_set(redis::connection& c, const engine_context& ctx,
                                              const std::string& hash) {
  const auto json = redis::load_rules(c, ctx.cluster, hash);
  if (!json)
    return json.failure();
  auto rules = *json ? read_rules(**json) : result<rule_set>(error{"it is not there"});
  if (rules)
    return std::optional(std::move(*rules));
  return std::optional<rule_set>();
}

} // namespace

void take_up(engine_context& ctx, const rule_set& rules) {
  if (!ctx.rules.take_up(rules, unix_ms()))
    return;
  ctx.live.say("rules", fmt::format(R"({{"ruleSet":"{}"}})", ctx.rules.get()->hash));
  ctx.metrics.rules.set(static_cast<double>(rules.size()));
}

result<settings> settings_in_force(redis::connection& c, const engine_context& ctx,
                                   bool others_seen) {
  settings out = ctx.config;
  out.rules = *ctx.rules.of_file();
  if (!others_seen)
    return out;
  const auto hash = redis::current_rules(c, ctx.cluster);
  if (!hash)
    return hash.failure();
  if (!*hash || **hash == hash_of(out.rules))
    return out;
  auto rules = load_rule_set(c, ctx, **hash);
  if (!rules)
    return rules.failure();
  if (!*rules) {
    spdlog::error(
        "{} does not hold the rule set in force any more: the rules of this worker's file "
        "are put in force",
        ctx.cluster.rules);
    return out;
  }
  spdlog::warn("the cluster's rules differ from this worker's file: the cluster's are used "
               "({} rules)",
               (*rules)->size());
  out.rules = std::move(**rules);
  return out;
}

status follow_rules(redis::connection& c, engine_context& ctx) {
  const auto hash = redis::current_rules(c, ctx.cluster);
  if (!hash)
    return hash.failure();
  if (ctx.role != engine_role::standby || !*hash || **hash == ctx.rules.get()->hash)
    return done{};
  const auto rules = load_rule_set(c, ctx, **hash);
  if (!rules)
    return rules.failure();
  if (*rules)
    take_up(ctx, **rules);
  return done{};
}

result<redis::lease_outcome> store_in_force(redis::connection& c, const engine_context& ctx,
                                            const std::string& owner, const rule_set& rules) {
  const auto held = redis::beat_lease(c, ctx.keys, owner);
  if (!held || *held == redis::lease_outcome::refused)
    return held;
  const auto hash = hash_of(rules);
  if (auto r = redis::store_rules(c, ctx.cluster, hash, write_rules(rules)); !r)
    return r.failure();
  if (auto r = redis::set_current_rules(c, ctx.cluster, hash); !r)
    return r.failure();
  return held;
}

void forget_rules(redis::connection& c, const engine_context& ctx,
                  std::span<const std::string> named) {
  const auto gone = redis::forget_rules_except(c, ctx.cluster, named);
  if (!gone)
    spdlog::warn("{}: old rule sets are kept until the next time: {}", ctx.cluster.rules,
                 gone.failure().message);
}

} // namespace tocsin
