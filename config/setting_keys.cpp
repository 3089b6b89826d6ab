#include "config/setting_keys.hpp"

#include "config/spelling.hpp"

#include <algorithm>
#include <array>

namespace tocsin {

namespace {

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t day_ms = 86'400 * second_ms;
constexpr std::uint64_t mib = std::uint64_t{1} << 20;

std::string_view object_to_cluster(std::string_view text) {
  return text.empty() ? "the cluster's name is empty" : "";
}

std::string_view object_to_prefix(std::string_view text) {
  const auto unfit = [](char c) {
    return c == '{' || c == '}' || c == 0x7F || static_cast<unsigned char>(c) <= ' ';
  };
  if (text.empty())
    return "the prefix is empty: every key in Redis begins with it";
  return std::any_of(text.begin(), text.end(), unfit)
             ? "a prefix takes no braces (they are Redis Cluster's hash tags), blanks or "
               "control characters"
             : "";
}

constexpr auto positive(std::int64_t settings::*member) {
  return duration_setting{member, 1, duration_ms_max};
}

constexpr std::array keys = {
    setting_key{"pro.monitoring", "enabled", flag_setting{&settings::monitoring_enabled}},
    setting_key{"pro.monitoring", "collectionInterval",
                duration_setting{&settings::interval_ms, 100, 24 * day_ms}},
    setting_key{"pro.monitoring", "retentionPeriod", positive(&settings::monitoring_retention_ms)},
    setting_key{"pro.monitoring", "janitorInterval", positive(&settings::monitoring_janitor_ms)},
    setting_key{"pro.alerting", "enabled", flag_setting{&settings::alerting_enabled}},
    setting_key{"pro.alerting", "watcherInterval", positive(&settings::watcher_interval_ms)},
    setting_key{"pro.alerting", "retentionPeriod", positive(&settings::alerting_retention_ms)},
    setting_key{"pro.alerting", "janitorInterval", positive(&settings::alerting_janitor_ms)},
    setting_key{"pro.alerting", "rules", rules_setting{}},
    setting_key{"tocsin", "enabled", both_enabled_setting{}},
    setting_key{"tocsin", "cluster", text_setting{&settings::cluster, object_to_cluster}},
    setting_key{"tocsin", "prefix", text_setting{&settings::prefix, object_to_prefix}},
    setting_key{"tocsin", "grace", duration_setting{&settings::grace_ms, 0, duration_ms_max}},
    setting_key{"tocsin", "hostExpiry", positive(&settings::host_expiry_ms)},
    setting_key{"tocsin", "takeover",
                duration_setting{&settings::takeover_ms, second_ms, duration_ms_max}},
    setting_key{"tocsin", "logBytes", size_setting{&settings::log_bytes, 16 * mib}},
    setting_key{"tocsin", "incidentBytes", size_setting{&settings::incident_bytes, mib}},
    setting_key{"tocsin", "memory", size_setting{&settings::memory_bytes, 16 * mib}},
    setting_key{"tocsin", "hosts", count_setting{&settings::hosts_max, 1, 16'777'216}},
    setting_key{"tocsin", "fields", count_setting{&settings::fields_max, 1, 4'096}},
    setting_key{"tocsin", "externalUrl", base_url_setting{&settings::external_url}},
    setting_key{"tocsin", "hookTimeout",
                duration_setting{&settings::hook_timeout_ms, 100, 3'600 * second_ms}},
    setting_key{"tocsin", "hookMemory", size_setting{&settings::hook_memory_bytes, 64 * mib}},
    setting_key{"tocsin", "webhooks", webhooks_setting{}},
    setting_key{"tocsin", "alertmanagers", alertmanagers_setting{}},
    setting_key{"tocsin", "watchdog", flag_setting{&settings::watchdog}},
    setting_key{"tocsin", "watchdogInterval",
                duration_setting{&settings::watchdog_interval_ms, second_ms, day_ms}},
    setting_key{"tocsin", "statsd", statsd_setting{}},
    setting_key{"tocsin", "botpress", botpress_setting{}},
};

} // namespace

bool is_written_as_json(const setting_form& form) {
  return std::holds_alternative<rules_setting>(form) ||
         std::holds_alternative<webhooks_setting>(form) ||
         std::holds_alternative<statsd_setting>(form) ||
         std::holds_alternative<botpress_setting>(form) ||
         std::holds_alternative<alertmanagers_setting>(form);
}

std::string setting_key::path() const {
  std::string out(scope);
  return (out += '.') += name;
}

std::string setting_key::variable() const {
  auto out = upper_case(path());
  std::replace(out.begin(), out.end(), '.', '_');
  return "BP_CONFIG_" + out;
}

std::span<const setting_key> setting_keys() {
  return keys;
}

} // namespace tocsin
