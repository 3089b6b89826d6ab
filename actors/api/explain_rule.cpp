#include "actors/api/explain_rule.hpp"

#include "config/read_settings.hpp"
#include "streams/redis/cluster_state.hpp"
#include "streams/redis/partition_state.hpp"

#include <algorithm>

namespace tocsin {

result<rules_then> find_rules_then(redis::connection& c, const redis::partition_keys& keys,
                                   const redis::cluster_keys& cluster, std::int64_t end_ms) {
  std::string hash;
  const auto scanned = redis::scan_ticks(c, keys, end_ms, end_ms,
                                         [&](redis::tick_row row) { hash = std::move(row.rules); });
  if (!scanned)
    return scanned.failure();
  rules_then out;
  if (hash.empty())
    return out;
  const auto json = redis::load_rules(c, cluster, hash);
  if (!json)
    return json.failure();
  auto rules = *json ? read_rules(**json) : result<rule_set>(error{"it is not kept"});
  out.kept = rules.ok();
  if (rules)
    out.rules = std::move(*rules);
  return out;
}

namespace {

// Whether both decide the same of every window.
bool decide_alike(rule a, rule b) {
  a.labels = b.labels = a.annotations = b.annotations = {};
  return a == b;
}

} // namespace

bool take_rule_then(explanation& e, const rules_then& then, const std::string& name) {
  const bool now = !e.about.name.empty();
  const auto found = std::find_if(then.rules.begin(), then.rules.end(),
                                  [&](const rule& r) { return r.name == name; });
  if (found == then.rules.end()) {
    e.under = rule_origin::unknown;
    return false;
  }
  if (now && decide_alike(*found, e.about)) {
    e.under = rule_origin::now;
    return false;
  }
  e.under = rule_origin::then;
  if (now)
    e.rule_now = std::move(e.about);
  e.about = *found;
  return true;
}

} // namespace tocsin
