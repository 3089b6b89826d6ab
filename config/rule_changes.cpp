#include "config/rule_changes.hpp"

#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/json_text.hpp"
#include "config/memory.hpp"
#include "config/setting_keys.hpp"

#include <fmt/format.h>
#include <map>
#include <string_view>
#include <type_traits>

namespace tocsin {

namespace {

std::map<std::string_view, const rule*> by_name(const rule_set& rules) {
  std::map<std::string_view, const rule*> out;
  for (const auto& r : rules)
    out.emplace(r.name, &r);
  return out;
}

bool differs(const setting_form& form, const settings& a, const settings& b) {
  return std::visit(
      [&](const auto& f) {
        using form_type = std::decay_t<decltype(f)>;
        if constexpr (std::is_same_v<form_type, webhooks_setting>)
          return a.webhooks != b.webhooks;
        else if constexpr (std::is_same_v<form_type, alertmanagers_setting>)
          return a.alertmanagers != b.alertmanagers;
        else if constexpr (std::is_same_v<form_type, statsd_setting>)
          return a.statsd != b.statsd;
        else if constexpr (std::is_same_v<form_type, botpress_setting>)
          return a.botpress != b.botpress;
        else if constexpr (requires { f.member; })
          return a.*(f.member) != b.*(f.member);
        else
          return false; // the rules; tocsin.enabled, which shows in what it stands for
      },
      form);
}

diagnostic objection(const std::string& file, std::string pointer, std::string message) {
  return {.level = diagnostic::severity::error,
          .file = file,
          .pointer = std::move(pointer),
          .message = std::move(message)};
}

} // namespace

rule_changes compare_rules(const rule_set& before, const rule_set& after) {
  rule_changes out;
  const auto old = by_name(before), now = by_name(after);
  for (const auto& r : after) {
    const auto was = old.find(r.name);
    if (was == old.end())
      out.added.push_back(r.name);
    else if (*was->second != r)
      out.changed.push_back(r.name);
  }
  for (const auto& r : before)
    if (!now.contains(r.name))
      out.removed.push_back(r.name);
  return out;
}

std::vector<std::string> settings_that_need_a_restart(const settings& running,
                                                      const settings& wanted) {
  std::vector<std::string> out;
  for (const auto& key : setting_keys())
    if (key.path() != "pro.alerting.enabled" && differs(key.form, running, wanted))
      out.push_back(key.path());
  return out;
}

diagnostics objections_to(const settings& under, std::uint64_t hosts, const std::string& file) {
  diagnostics out;
  for (const auto& r : under.rules) {
    const auto ticks = r.window_ticks(under.interval_ms);
    if (ticks > window_ticks_max)
      out.push_back(objection(file, "/pro/alerting/rules",
                              fmt::format("the window of {} has {} ticks of the interval that this "
                                          "engine runs with ({}), at most {}: restart it",
                                          quote_for_people(r.name), ticks,
                                          describe_duration(under.interval_ms), window_ticks_max)));
    else if (ticks * under.interval_ms > under.host_expiry_ms)
      out.push_back(objection(file, "/pro/alerting/rules",
                              fmt::format("the window of {} is longer than the hostExpiry that "
                                          "this engine runs with ({}): restart it",
                                          quote_for_people(r.name),
                                          describe_duration(under.host_expiry_ms))));
  }
  if (!out.empty())
    return out; // the sum would be of no use
  const auto fit = hosts_within_memory(under);
  if (fit == 0 || fit < hosts)
    out.push_back(objection(
        file, "/tocsin/memory",
        fmt::format("with these {} rules tocsin.memory ({}) holds {} hosts, and {} are known: {} "
                    "are needed (`tocsin check --hosts {}` shows the sum)",
                    under.rules.size(), describe_byte_size(under.memory_bytes), fit, hosts,
                    describe_byte_size(
                        project_memory(under, std::max<std::uint64_t>(hosts, 1)).engine_bytes()),
                    std::max<std::uint64_t>(hosts, 1))));
  return out;
}

} // namespace tocsin
