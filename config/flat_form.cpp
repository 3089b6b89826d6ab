#include "config/flat_form.hpp"

#include "config/setting_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tocsin {

namespace {

struct renamed_key {
  std::string_view flat;
  std::string_view scope;
  std::string_view name;
};

// Of the services: each has the same keys, and where they meet at the top a key says whose it is.
constexpr std::array renamed = {
    renamed_key{"interval", "pro.monitoring", "collectionInterval"},
    renamed_key{"logRetention", "pro.monitoring", "retentionPeriod"},
    renamed_key{"logTrimInterval", "pro.monitoring", "janitorInterval"},
    renamed_key{"checkInterval", "pro.alerting", "watcherInterval"},
    renamed_key{"incidentRetention", "pro.alerting", "retentionPeriod"},
    renamed_key{"incidentTrimInterval", "pro.alerting", "janitorInterval"},
    renamed_key{"rules", "pro.alerting", "rules"},
};

const renamed_key* find_renamed(std::string_view flat) {
  const auto hit = std::find_if(renamed.begin(), renamed.end(),
                                [&](const renamed_key& k) { return k.flat == flat; });
  return hit == renamed.end() ? nullptr : &*hit;
}

bool is_ours(std::string_view name) {
  const auto keys = setting_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const setting_key& k) { return k.scope == "tocsin" && k.name == name; });
}

std::vector<std::string_view> flat_names() {
  std::vector<std::string_view> out = {"$schema"};
  for (const auto& key : renamed)
    out.push_back(key.flat);
  for (const auto& key : setting_keys())
    if (key.scope == "tocsin")
      out.push_back(key.name);
  return out;
}

json_member implied_object(std::string_view key) {
  json_member out;
  out.key = key;
  out.implied = true;
  out.value.type = json_node::kind::object;
  return out;
}

json_member switched_on() {
  json_member out;
  out.key = "enabled";
  out.implied = true;
  out.value.type = json_node::kind::boolean;
  out.value.boolean = true;
  return out;
}

} // namespace

bool is_flat_form(const json_node& root, std::string_view file) {
  const auto name = file.substr(file.rfind('/') + 1);
  if (name == "botpress.config.json" || root.find("pro") || root.find("tocsin"))
    return false;
  return name == flat_file_name ||
         std::any_of(root.members.begin(), root.members.end(),
                     [](const json_member& m) { return find_renamed(m.key) || is_ours(m.key); });
}

std::string_view config_file_name(std::string_view text) {
  const auto document = json_document::read(text);
  return document && is_flat_form(document->root(), "") ? flat_file_name : "botpress.config.json";
}

void check_flat_keys(const json_cursor& root, problem_list& problems) {
  check_keys(root, flat_names(), stranger::warned_about, problems, "flat");
}

json_node nest_flat_form(json_node&& root) {
  auto monitoring = implied_object("monitoring"), alerting = implied_object("alerting");
  auto tocsin = implied_object("tocsin"), pro = implied_object("pro");
  monitoring.value.members.push_back(switched_on());
  alerting.value.members.push_back(switched_on());
  for (auto& member : root.members) {
    if (member.shadowed)
      continue;
    if (const auto* key = find_renamed(member.key)) {
      auto& into = key->scope == "pro.monitoring" ? monitoring : alerting;
      member.written = std::exchange(member.key, std::string(key->name));
      into.value.members.push_back(std::move(member));
    } else if (is_ours(member.key)) {
      tocsin.value.members.push_back(std::move(member));
    }
  }
  pro.value.members.push_back(std::move(monitoring));
  pro.value.members.push_back(std::move(alerting));
  json_node out;
  out.type = json_node::kind::object;
  out.members.push_back(std::move(pro));
  out.members.push_back(std::move(tocsin));
  return out;
}

std::string_view flat_name_of(std::string_view path) {
  const auto dot = path.rfind('.');
  const auto scope = path.substr(0, dot), name = path.substr(dot + 1);
  for (const auto& key : renamed)
    if (key.scope == scope && key.name == name)
      return key.flat;
  return name;
}

} // namespace tocsin
