#include "actors/sinks/hook_message.hpp"

#include "config/json_document.hpp"
#include "config/json_text.hpp"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace tocsin {

namespace {

const json_node* member_of(const json_node& object, std::string_view key) {
  const auto* member = object.find(key);
  return member != nullptr ? &member->value : nullptr;
}

std::string text_of(const json_node& object, std::string_view key) {
  const auto* value = member_of(object, key);
  return value != nullptr && value->type == json_node::kind::string ? value->text : std::string();
}

hook_error error_of(const json_node& report, std::string_view key) {
  const auto* object = member_of(report, key);
  if (object == nullptr)
    return {};
  return {text_of(*object, "message"), text_of(*object, "place"), text_of(*object, "stack")};
}

hook_level level_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, hook_level>, 3> others = {
      {{"debug", hook_level::debug}, {"warn", hook_level::warn}, {"error", hook_level::error}}};
  for (const auto& [text, level] : others)
    if (text == name)
      return level;
  return hook_level::info;
}

std::optional<hook_report> read_end(const json_node& root, const json_node& number) {
  using kind = hook_report::kind;
  constexpr std::array<std::pair<std::string_view, kind>, 5> outcomes = {
      {{"returned", kind::returned},
       {"removed", kind::removed},
       {"threw", kind::threw},
       {"timeout", kind::timeout},
       {"stale", kind::stale}}};
  hook_report out;
  out.number = static_cast<std::uint64_t>(number.number);
  out.error = error_of(root, "error");
  const auto outcome = text_of(root, "outcome");
  for (const auto& [text, what] : outcomes)
    if (text == outcome) {
      out.what = what;
      return out;
    }
  return std::nullopt;
}

} // namespace

std::string hook_error::text() const {
  return place.empty() ? message : fmt::format("{} (at {})", message, place);
}

std::optional<hook_report> read_hook_report(std::string_view line) {
  const auto document = json_document::read(line);
  if (!document)
    return std::nullopt;
  const auto& root = document->root();
  const auto is_count = [](const json_node& n) { return n.number >= 0 && n.number < 1e15; };
  if (const auto* number = member_of(root, "end"))
    return is_count(*number) ? read_end(root, *number) : std::nullopt;
  hook_report out;
  if (root.find("log") != nullptr) {
    out.what = hook_report::kind::log;
    out.level = level_of(text_of(root, "log"));
    out.hook = text_of(root, "hook");
    out.text = text_of(root, "text");
    return out;
  }
  if (root.find("fatal") != nullptr) {
    out.what = hook_report::kind::fatal;
    out.error = error_of(root, "fatal");
    return out;
  }
  const auto* pid = member_of(root, "ready");
  if (pid == nullptr || !is_count(*pid))
    return std::nullopt;
  out.number = static_cast<std::uint64_t>(pid->number);
  return out;
}

std::string hook_order(std::uint64_t number, const hook_script& hook,
                       std::string_view incident_json) {
  return fmt::format(R"({{"run":{},"name":{},"file":{},"incident":{}}})", number,
                     quote_json(hook.name), quote_json(hook.path), quote_json(incident_json));
}

} // namespace tocsin
