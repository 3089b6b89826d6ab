#include "actors/api/live_rules.hpp"

#include "streams/partition/recovery.hpp"

#include <utility>

namespace tocsin {

std::string_view name_of(rules_source source) {
  return source == rules_source::file ? "file" : "cluster";
}

live_rules::live_rules(const settings& from, std::int64_t now_ms)
    : of_file_(std::make_shared<const rule_set>(from.rules)), hash_of_file_(hash_of(from.rules)),
      in_force_(std::make_shared<const rules_in_force>(
          rules_in_force{from.rules, hash_of_file_, now_ms, rules_source::file})),
      alerting_(from.alerting_enabled) {}

std::shared_ptr<const rules_in_force> live_rules::get() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

bool live_rules::take_up(const rule_set& rules, std::int64_t now_ms) {
  auto hash = hash_of(rules);
  const std::lock_guard lock(mutex_);
  if (hash == in_force_->hash)
    return false;
  const auto source = hash == hash_of_file_ ? rules_source::file : rules_source::cluster;
  in_force_ = std::make_shared<const rules_in_force>(
      rules_in_force{rules, std::move(hash), now_ms, source});
  return true;
}

std::shared_ptr<const rule_set> live_rules::of_file() const {
  const std::lock_guard lock(mutex_);
  return of_file_;
}

void live_rules::set_of_file(std::shared_ptr<const rule_set> rules) {
  auto hash = hash_of(*rules);
  const std::lock_guard lock(mutex_);
  of_file_ = std::move(rules);
  hash_of_file_ = std::move(hash);
  auto now = std::make_shared<rules_in_force>(*in_force_);
  now->source = now->hash == hash_of_file_ ? rules_source::file : rules_source::cluster;
  in_force_ = std::move(now);
}

bool live_rules::alerting() const {
  const std::lock_guard lock(mutex_);
  return alerting_;
}

void live_rules::set_alerting(bool on) {
  const std::lock_guard lock(mutex_);
  alerting_ = on;
}

std::optional<last_reload> live_rules::reloaded() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void live_rules::note(last_reload how) {
  const std::lock_guard lock(mutex_);
  last_ = std::move(how);
}

} // namespace tocsin
