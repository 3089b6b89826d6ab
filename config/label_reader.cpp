#include "config/label_reader.hpp"

#include "config/annotation.hpp"
#include "config/text_map_reader.hpp"

#include <algorithm>

namespace tocsin {

namespace {

bool is_name_char(char c) {
  return is_plain_letter_or_digit(c) || c == '_';
}

std::string_view object_to_name(std::string_view name) {
  constexpr std::size_t name_bytes_max = 64;
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_name_char) ||
      (name.front() >= '0' && name.front() <= '9'))
    return "needs another name: letters, digits and underscores, no digit first";
  if (name.starts_with("__"))
    return "needs another name: those that begin with __ are Prometheus's own";
  return name.size() > name_bytes_max ? "needs a shorter name: at most 64 bytes" : "";
}

std::string_view object_to_label(std::string_view text) {
  return holds_control_character(text) ? "holds a line break or another control character" : "";
}

std::string_view object_to_annotation(std::string_view text) {
  // Line breaks and tabs may stand in it.
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '\n' || c == '\t'; });
  return holds_control_character(plain) ? "holds a control character" : "";
}

constexpr text_map_bounds label_bounds = {
    "label", R"({"severity": "page"})", 32, 256, 2'048, object_to_name, object_to_label};
constexpr text_map_bounds annotation_bounds = {"annotation",
                                               R"({"summary": "{{ruleName}} on {{hostName}}"})",
                                               16,
                                               1'024,
                                               4'096,
                                               object_to_name,
                                               object_to_annotation};

std::string_view doubt_about(std::string_view name, std::string_view text) {
  if (text.empty())
    return "an empty label is none to Prometheus and Alertmanager";
  if (name == "alertname")
    return "an Alertmanager is told the rule's name as `alertname`, and not this";
  if (name == "instance")
    return "an Alertmanager is told the host's name as `instance`, and not this";
  return text.find("{{") == std::string_view::npos
             ? ""
             : "braces are filled in annotations only: they stay in this label";
}

// The texts that count, whatever else is wrong.
template <class Visit>
void each_text(const json_cursor& at, Visit visit) {
  for (const auto& member : at.node().members) {
    if (!member.shadowed && member.value.type == json_node::kind::string)
      visit(member.key, member.value.text, at.child(member).place());
  }
}

} // namespace

std::optional<text_map> read_labels(const json_cursor& at, problem_list& problems) {
  each_text(at, [&](const auto& name, const auto& text, const origin& where) {
    if (const auto doubt = doubt_about(name, text); !doubt.empty())
      problems.warn(where, std::string(doubt));
  });
  return read_text_map(at, label_bounds, problems);
}

std::optional<text_map> read_annotations(const json_cursor& at, problem_list& problems) {
  each_text(at, [&](const auto&, const auto& text, const origin& where) {
    for (auto& problem : read_annotation(text).problems)
      problems.warn(where, std::move(problem));
  });
  return read_text_map(at, annotation_bounds, problems);
}

} // namespace tocsin
