#include "config/read_settings.hpp"

#include "config/alertmanager_reader.hpp"
#include "config/duration.hpp"
#include "config/flat_form.hpp"
#include "config/json_text.hpp"
#include "config/rule_reader.hpp"
#include "config/setting_keys.hpp"
#include "config/sink_doubts.hpp"
#include "config/spelling.hpp"
#include "config/value_reader.hpp"
#include "config/variable_overlay.hpp"
#include "config/ways_in_reader.hpp"
#include "config/webhook_reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <set>

namespace tocsin {

namespace {

class settings_reader {
public:
  settings_reader(std::string_view file, const environment& env, purpose why,
                  const file_source& files)
      : file_(file), env_(env), why_(why), files_(files) {}

  settings_report run(std::string_view text) {
    read_file(text);
    check_variables();
    if (both_enabled_)
      report_.value.monitoring_enabled = report_.value.alerting_enabled = *both_enabled_;
    // Who writes one interval means one: rules are checked whenever there is something new.
    if (flat_ && !places_.contains("pro.alerting.watcherInterval"))
      report_.value.watcher_interval_ms = report_.value.interval_ms;
    check_together();
    for (auto& placed : rules_)
      report_.value.rules.push_back(std::move(placed.value));
    report_.found = problems_.size();
    report_.problems = std::move(problems_).take();
    return std::move(report_);
  }

private:
  void read_file(std::string_view text) {
    auto document = json_document::read(text);
    json_node root;
    root.type = json_node::kind::object;
    if (!document) {
      const auto& [place, message] = document.failure();
      problems_.error({std::string(file_), place.line, place.column, ""}, message);
    } else if (document->root().type != json_node::kind::object) {
      problems_.error(json_cursor(*document, file_).place(), "expected an object, found an array");
    } else {
      root = document->take_root();
      report_.flat = flat_ = is_flat_form(root, file_);
    }
    if (flat_) {
      check_flat_keys(json_cursor(root, &*document, file_), problems_);
      root = nest_flat_form(std::move(root));
    }
    shape_lost_ = !document || document->root().type == json_node::kind::array;
    overlay_.apply(env_, root, problems_);
    read_scopes(json_cursor(root, document ? &*document : nullptr, file_));
  }

  void read_scopes(const json_cursor& root) {
    constexpr std::array<std::string_view, 1> ours = {"tocsin"};
    check_keys(root, ours, stranger::left_alone, problems_, "");
    const auto pro = object_in(root, "pro");
    constexpr std::array<std::string_view, 2> ours_in_pro = {"monitoring", "alerting"};
    if (pro)
      check_keys(*pro, ours_in_pro, stranger::left_alone, problems_, "pro");
    read_scope("pro.monitoring", object_in(pro, "monitoring"), stranger::left_alone);
    read_scope("pro.alerting", object_in(pro, "alerting"), stranger::left_alone);
    read_scope("tocsin", object_in(root, "tocsin"), stranger::warned_about);
  }

  std::optional<json_cursor> object_in(const std::optional<json_cursor>& parent,
                                       std::string_view key) {
    const auto* member = parent ? parent->node().find(key) : nullptr;
    if (!member)
      return std::nullopt;
    auto child = parent->child(*member);
    if (member->value.type == json_node::kind::object)
      return child;
    problems_.error(child.place(),
                    fmt::format("expected an object, found {}", member->value.kind_name()));
    shape_lost_ = true;
    return std::nullopt;
  }

  void read_scope(std::string_view scope, const std::optional<json_cursor>& object,
                  stranger others) {
    std::vector<std::string_view> names;
    for (const auto& key : setting_keys()) {
      if (key.scope != scope)
        continue;
      names.push_back(key.name);
      if (const auto* why = overlay_.failure_of(key))
        problems_.error({std::string(environment_file), 0, 0, key.variable()}, *why);
      else if (const auto* member = object ? object->node().find(key.name) : nullptr)
        read_key(key, object->child(*member));
    }
    if (object)
      check_keys(*object, names, others, problems_, scope);
  }

  void read_key(const setting_key& key, const json_cursor& at) {
    places_.emplace(key.path(), at.place());
    const auto problems_before = problems_.size();
    if (std::holds_alternative<rules_setting>(key.form))
      rules_ = read_placed_rules(at, problems_);
    else if (std::holds_alternative<webhooks_setting>(key.form))
      report_.value.webhooks = read_webhooks(at, files_, problems_);
    else if (std::holds_alternative<alertmanagers_setting>(key.form))
      report_.value.alertmanagers = read_alertmanagers(at, files_, problems_);
    else if (std::holds_alternative<statsd_setting>(key.form))
      report_.value.statsd = read_statsd(at, problems_);
    else if (std::holds_alternative<botpress_setting>(key.form))
      report_.value.botpress = read_botpress(at, problems_);
    else if (std::holds_alternative<both_enabled_setting>(key.form))
      both_enabled_ = read_flag(at, problems_);
    else
      read_setting(key.form, at, report_.value, problems_);
    if (problems_.size() != problems_before)
      doubtful_.insert(key.path());
  }

  // BP_CONFIG_ belongs to Botpress too, so only what looks like one of ours is spoken of.
  void check_variables() {
    constexpr std::size_t edits_max = 2;
    auto known = variable_overlay::names();
    std::vector<std::string_view> names(known.begin(), known.end());
    // Too short to guess that it was meant: everything of Botpress's is near.
    if (!env_.contains("BP_CONFIG_PRO"))
      std::erase(names, "BP_CONFIG_PRO");
    for (auto it = env_.lower_bound("BP_CONFIG_"); it != env_.end(); ++it) {
      const auto& name = it->first;
      if (!name.starts_with("BP_CONFIG_"))
        break;
      const auto nearest = nearest_spelling(name, names, edits_max);
      const origin where{std::string(environment_file), 0, 0, name};
      if (nearest && nearest != name)
        problems_.error(where, fmt::format("unknown variable: did you mean {}?", *nearest));
      else if (!nearest && (name.starts_with("BP_CONFIG_TOCSIN_") ||
                            name.starts_with("BP_CONFIG_PRO_MONITORING_") ||
                            name.starts_with("BP_CONFIG_PRO_ALERTING_")))
        problems_.warn(where, "unknown variable: it is ignored");
    }
  }

  // What can only be said when everything has been read. A setting that is wrong itself has its
  // default here: nothing is concluded from that.
  void check_together() {
    auto value = report_.value;
    check_services();
    check_fields();
    check_sinks();
    if (doubtful_.contains("pro.monitoring.collectionInterval"))
      return;
    if (doubtful_.contains("pro.alerting.watcherInterval"))
      value.watcher_interval_ms = value.interval_ms;
    if (value.grace_ticks() > grace_ticks_max)
      problems_.error(place_of("tocsin.grace"),
                      fmt::format("a grace of {} is more than {} intervals of {}: shorten it or "
                                  "lengthen the {}",
                                  describe_duration(value.grace_ms), grace_ticks_max,
                                  describe_duration(value.interval_ms),
                                  flat_ ? "interval" : "collectionInterval"));
    check_windows(rules_, value, problems_);
    if (!doubtful_.contains("tocsin.hostExpiry"))
      check_expiry();
  }

  void check_services() {
    const auto& value = report_.value;
    const bool sure = !shape_lost_ && !doubtful_.contains("pro.monitoring.enabled") &&
                      !doubtful_.contains("tocsin.enabled");
    if (why_ == purpose::serve && sure && value.alerting_enabled && !value.monitoring_enabled)
      problems_.error(place_of("pro.alerting.enabled"),
                      "alerting is enabled while monitoring is not: there would be no samples to "
                      "check; set pro.monitoring.enabled to true");
  }

  void check_expiry() {
    const placed_rule* longest = nullptr;
    std::int64_t ticks_longest = 0;
    for (const auto& placed : rules_) {
      const auto ticks = placed.value.window_ticks(report_.value.interval_ms);
      if (placed.value.timeframe_ms > 0 && ticks <= window_ticks_max && ticks > ticks_longest) {
        longest = &placed;
        ticks_longest = ticks;
      }
    }
    const auto window_ms = ticks_longest * report_.value.interval_ms;
    if (!longest || report_.value.host_expiry_ms >= window_ms)
      return;
    const auto given = places_.find("tocsin.hostExpiry");
    const auto& where = given == places_.end() ? longest->timeframe : given->second;
    auto message = fmt::format("hosts would be forgotten after {}, but the window of {} lasts {}: "
                               "{} must be at least that",
                               describe_duration(report_.value.host_expiry_ms),
                               quote_for_people(longest->value.name), describe_duration(window_ms),
                               name_of("tocsin.hostExpiry"));
    if (why_ == purpose::serve)
      problems_.error(where, std::move(message));
    else
      problems_.warn(where, std::move(message));
  }

  void check_fields() {
    std::vector<std::string_view> fields;
    for (const auto& placed : rules_)
      fields.push_back(placed.value.field);
    std::sort(fields.begin(), fields.end());
    const auto distinct = std::unique(fields.begin(), fields.end()) - fields.begin();
    if (distinct > std::ptrdiff_t{report_.value.fields_max})
      problems_.warn(place_of("tocsin.fields"),
                     fmt::format("the rules speak of {} fields, but only {} are kept: raise {}",
                                 distinct, report_.value.fields_max, name_of("tocsin.fields")));
  }

  // What the reader of messages calls a setting.
  std::string_view name_of(std::string_view path) const {
    return flat_ ? flat_name_of(path) : path;
  }

  // What is wrong with one of them has been said: the others would be judged without it.
  void check_sinks() {
    const auto sure = [&](const char* path) { return !doubtful_.contains(path); };
    if (!sure("tocsin.webhooks") || !sure("tocsin.alertmanagers") || !sure("tocsin.watchdog"))
      return;
    for (const auto& doubt : doubts_about_watchdog(report_.value))
      problems_.warn(place_of(doubt.setting), doubt.message);
    rule_set rules;
    for (const auto& placed : rules_)
      rules.push_back(placed.value);
    if (sure("pro.alerting.rules") && why_ == purpose::serve)
      for (const auto& doubt : doubts_about_labels(report_.value.webhooks, rules))
        problems_.warn(place_of(doubt.setting), doubt.message);
  }

  origin place_of(const std::string& path) const {
    const auto given = places_.find(path);
    if (given != places_.end())
      return given->second;
    std::string pointer = fmt::format("/{}", name_of(path));
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    return {std::string(file_), 0, 0, std::move(pointer)};
  }

  std::string_view file_;
  const environment& env_;
  purpose why_;
  const file_source& files_;
  settings_report report_;
  problem_list problems_;
  variable_overlay overlay_;
  std::vector<placed_rule> rules_;
  std::optional<bool> both_enabled_;
  bool flat_ = false;                                 // the file is in the flat form
  bool shape_lost_ = false;                           // something that holds settings is unreadable
  std::set<std::string, std::less<>> doubtful_;       // settings that were given, but badly
  std::map<std::string, origin, std::less<>> places_; // of every setting that was given, by path
};

} // namespace

settings_report read_settings(std::string_view text, std::string_view file, const environment& env,
                              purpose why, const file_source& files) {
  return settings_reader(file, env, why, files).run(text);
}

} // namespace tocsin
