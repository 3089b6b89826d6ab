#include "tools/reading/json_writer.hpp"

#include "config/json_text.hpp"

#include <algorithm>

namespace tocsin {

std::string write_json(const json_node& node) {
  using kind = json_node::kind;
  switch (node.type) {
  case kind::null:
    break;
  case kind::boolean:
    return node.boolean ? "true" : "false";
  case kind::number:
    return node.text;
  case kind::string:
    return quote_json(node.text);
  case kind::array: {
    std::string out = "[";
    for (const auto& item : node.items)
      out.append(out.size() > 1 ? "," : "").append(write_json(item));
    return out + ']';
  }
  case kind::object:
    return write_object(node, {});
  }
  return "null";
}

std::string write_object(const json_node& object, std::string_view before,
                         std::initializer_list<std::string_view> leave_out) {
  std::string out = "{";
  out += before;
  for (const auto& member : object.members) {
    if (member.shadowed ||
        std::find(leave_out.begin(), leave_out.end(), member.key) != leave_out.end())
      continue;
    if (out.size() > 1)
      out += ',';
    out.append(quote_json(member.key)).append(":").append(write_json(member.value));
  }
  return out + '}';
}

const json_node& member_of(const json_node& object, std::string_view key) {
  static const json_node none;
  const auto* member = object.find(key);
  return member != nullptr ? member->value : none;
}

const std::string& text_of(const json_node& object, std::string_view key) {
  return member_of(object, key).text;
}

} // namespace tocsin
