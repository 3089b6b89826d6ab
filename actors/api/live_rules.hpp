#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Whose the rules in force are: as in this worker's file, or as the cluster had them that it
/// joined.
enum class rules_source : std::uint8_t { file, cluster };
std::string_view name_of(rules_source);

/// A rule set that is evaluated.
struct rules_in_force {
  rule_set rules;
  std::string hash; ///< under which Redis keeps it
  std::int64_t since_ms = 0;
  rules_source source = rules_source::file;
};

/// How the last attempt to read the rules again ended.
struct last_reload {
  std::int64_t at_ms = 0;
  std::string result; ///< "done", "unchanged" or "failed"
  std::string message;
};

/// The rules that this engine evaluates, or would if it did not stand by, and those of its file.
/// Any thread may call anything; what get() gives stays as it is.
class live_rules {
public:
  live_rules(const settings& from, std::int64_t now_ms);

  std::shared_ptr<const rules_in_force> get() const;
  /// These are in force from now on. False: they already were, and nothing changes.
  bool take_up(const rule_set& rules, std::int64_t now_ms);

  /// The rules of the file as they were read last, and were fine.
  std::shared_ptr<const rule_set> of_file() const;
  void set_of_file(std::shared_ptr<const rule_set> rules);

  /// pro.alerting.enabled.
  bool alerting() const;
  void set_alerting(bool on);

  std::optional<last_reload> reloaded() const;
  void note(last_reload how);

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const rule_set> of_file_;
  std::string hash_of_file_;
  std::shared_ptr<const rules_in_force> in_force_;
  bool alerting_;
  std::optional<last_reload> last_;
};

} // namespace tocsin
