#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tocsin {

// How a setting is written, where it goes, and its bounds, both ends included.

struct flag_setting {
  bool settings::*member;
};
struct duration_setting {
  std::int64_t settings::*member;
  std::int64_t least_ms;
  std::int64_t most_ms;
};
struct size_setting {
  std::uint64_t settings::*member;
  std::uint64_t least_bytes;
};
struct count_setting {
  std::uint32_t settings::*member;
  std::uint32_t least;
  std::uint32_t most;
};
struct text_setting {
  std::string settings::*member;
  /// What is wrong with the text, or nothing.
  std::string_view (*objection)(std::string_view text);
};
/// A URL that paths are appended to.
struct base_url_setting {
  std::string settings::*member;
};
/// tocsin.enabled: stands for the `enabled` of both services.
struct both_enabled_setting {};
/// pro.alerting.rules.
struct rules_setting {};
/// tocsin.webhooks.
struct webhooks_setting {};
/// tocsin.alertmanagers.
struct alertmanagers_setting {};
/// tocsin.statsd.
struct statsd_setting {};
/// tocsin.botpress.
struct botpress_setting {};

using setting_form =
    std::variant<flag_setting, duration_setting, size_setting, count_setting, text_setting,
                 base_url_setting, both_enabled_setting, rules_setting, webhooks_setting,
                 alertmanagers_setting, statsd_setting, botpress_setting>;

/// Whether it is an array or an object, which a variable holds as JSON.
bool is_written_as_json(const setting_form&);

/// One key that is read from botpress.config.json, and how.
struct setting_key {
  std::string_view scope; ///< "pro.monitoring", "pro.alerting" or "tocsin"
  std::string_view name;  ///< "collectionInterval"
  setting_form form;

  /// "pro.monitoring.collectionInterval".
  std::string path() const;
  /// The variable that overrides it: "BP_CONFIG_PRO_MONITORING_COLLECTIONINTERVAL".
  std::string variable() const;
};

/// Every key there is: a setting is added here and in settings.hpp.
std::span<const setting_key> setting_keys();

/// Longer durations than a hundred years are refused, so that sums with a time cannot overflow.
inline constexpr std::int64_t duration_ms_max = 3'155'760'000'000;

} // namespace tocsin
