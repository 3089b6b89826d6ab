#include "config/variable_overlay.hpp"

#include "config/setting_keys.hpp"
#include "config/spelling.hpp"
#include "config/value_reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace tocsin {

namespace {

using kind = json_node::kind;

// What a variable may stand for. Without a form its text is JSON.
struct target {
  std::string path;
  std::string variable;
  const setting_form* form = nullptr;
  bool setting = false; // of its own
};

std::string variable_of(std::string_view path) {
  auto out = upper_case(path);
  std::replace(out.begin(), out.end(), '.', '_');
  return "BP_CONFIG_" + out;
}

const setting_form& text_form() {
  static const setting_form form = text_setting{nullptr, nullptr};
  return form;
}

std::vector<target> make_targets() {
  std::vector<target> out;
  for (const auto* branch : {"pro", "pro.monitoring", "pro.alerting", "tocsin"})
    out.push_back({branch, variable_of(branch)});
  for (const auto& key : setting_keys())
    out.push_back(
        {key.path(), key.variable(), is_written_as_json(key.form) ? nullptr : &key.form, true});
  out.push_back({"tocsin.statsd.fields", variable_of("tocsin.statsd.fields")});
  for (const auto* text : {"tocsin.statsd.listen", "tocsin.statsd.socket", "tocsin.statsd.host",
                           "tocsin.botpress.redisUrl", "tocsin.botpress.key"})
    out.push_back({text, variable_of(text), &text_form()});
  const auto depth = [](const target& t) { return std::count(t.path.begin(), t.path.end(), '.'); };
  std::stable_sort(out.begin(), out.end(),
                   [&](const target& a, const target& b) { return depth(a) < depth(b); });
  const auto enabled = std::find_if(out.begin(), out.end(),
                                    [](const target& t) { return t.path == "tocsin.enabled"; });
  out.push_back({"tocsin.enabled", "TOCSIN_ENABLED", enabled->form});
  return out;
}

const std::vector<target>& targets() {
  static const auto all = make_targets();
  return all;
}

result<json_node> read(const target& t, const std::string& text) {
  if (t.form)
    return node_from_variable(*t.form, text);
  auto document = json_document::read(text);
  if (document)
    return document->take_root();
  const auto& [place, message] = document.failure();
  return error{fmt::format("line {}, column {}: {}", place.line, place.column, message)};
}

json_member* find_member(json_node& object, std::string_view key) {
  return const_cast<json_member*>(std::as_const(object).find(key));
}

bool keeps_keys(const json_node& file, const json_node& from) {
  return file.type == kind::object && from.type == kind::object &&
         std::any_of(file.members.begin(), file.members.end(),
                     [&](const json_member& m) { return !from.find(m.key); });
}

} // namespace

std::vector<std::string> variable_overlay::names() {
  std::vector<std::string> out;
  for (const auto& t : targets())
    out.push_back(t.variable);
  return out;
}

void variable_overlay::apply(const environment& env, json_node& root, problem_list& problems) {
  for (const auto& t : targets()) {
    const auto hit = env.find(t.variable);
    if (hit == env.end() || hit->second.empty())
      continue;
    const auto value = read(t, hit->second);
    if (value)
      put(root, t.path, t.variable, *value, problems);
    else if (t.setting)
      failures_.emplace(t.variable, value.failure().message);
    else
      problems.error({std::string(environment_file), 0, 0, t.variable}, value.failure().message);
  }
}

const std::string* variable_overlay::failure_of(const setting_key& key) const {
  const auto hit = failures_.find(key.variable());
  return hit == failures_.end() ? nullptr : &hit->second;
}

void variable_overlay::put(json_node& root, std::string_view path, const std::string& variable,
                           const json_node& value, problem_list& problems) {
  const auto how = path.starts_with("pro") ? lists::merged : lists::replaced;
  auto* at = &root;
  for (auto rest = path; !rest.empty();) {
    const auto key = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(key.size() + 1, rest.size()));
    auto* member = find_member(*at, key);
    if (!member) {
      member = &at->members.emplace_back();
      member->key = key;
      graft(member->value, {}, variable);
    }
    at = &member->value;
    if (!rest.empty() && at->type != kind::object) {
      graft(*at, {}, variable);
      at->type = kind::object;
    }
  }
  merge(*at, value, variable, how, problems);
}

void variable_overlay::merge(json_node& into, const json_node& from, const std::string& pointer,
                             lists how, problem_list& problems) {
  if (into.type == kind::array && from.type == kind::array && how == lists::merged)
    return merge_items(into, from, pointer, problems);
  if (into.type != kind::object || from.type != kind::object)
    return graft(into, from, pointer);
  for (const auto& member : from.members) {
    const auto way = child_pointer(pointer, member.key);
    auto* known = member.shadowed ? nullptr : find_member(into, member.key);
    if (known) {
      merge(known->value, member.value, way, how, problems);
    } else {
      auto& added = into.members.emplace_back(member);
      graft(added.value, member.value, way);
    }
  }
}

void variable_overlay::merge_items(json_node& into, const json_node& from,
                                   const std::string& pointer, problem_list& problems) {
  const auto both = std::min(into.items.size(), from.items.size());
  bool stays = into.items.size() > both;
  for (std::size_t i = 0; i < both; ++i) {
    stays = stays || keeps_keys(into.items[i], from.items[i]);
    merge(into.items[i], from.items[i], child_pointer(pointer, i), lists::merged, problems);
  }
  for (auto i = both; i < from.items.size(); ++i)
    graft(into.items.emplace_back(), from.items[i], child_pointer(pointer, i));
  if (stays)
    problems.warn({std::string(environment_file), 0, 0, pointer},
                  fmt::format("this list is merged with the {} of the file item by item, as "
                              "Botpress merges them: what it does not name stays",
                              into.items.size()));
}

void variable_overlay::graft(json_node& into, const json_node& from, const std::string& pointer) {
  into = from;
  into.graft = &pointers_.emplace_back(pointer);
}

} // namespace tocsin
