#include "config/json_document.hpp"

#include "config/byte_order_mark.hpp"
#include "config/json_syntax.hpp"
#include "config/keyed_hash.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <locale.h>
#include <optional>
#include <simdjson.h>
#include <unordered_map>

namespace tocsin {

namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view token) {
  const auto end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

// simdjson 3.0.1 misreads some fractions of more than 19 digits by orders of magnitude. The C
// library rounds right; 1e999 is infinite, and whether that matters is for the reader of the key
// to say.
double nearest_double(const std::string& number) {
  static const auto plain = ::newlocale(LC_ALL_MASK, "C", nullptr); // a point is a point
  return ::strtod_l(number.c_str(), nullptr, plain);
}

// Builds the tree from simdjson's cursor. It only has to notice an error: what is said about it
// comes from json_syntax.
class tree_builder {
public:
  explicit tree_builder(const char* begin) : begin_(begin) {}

  bool too_many() const { return nodes_ > json_document::nodes_max; }

  template <class Cursor>
  bool build(Cursor& cursor, json_node& node) {
    std::string_view token;
    ondemand::json_type type;
    if (++nodes_ > json_document::nodes_max || cursor.type().get(type) != simdjson::SUCCESS)
      return false;
    if constexpr (std::is_same_v<Cursor, ondemand::value>) {
      token = trimmed(cursor.raw_json_token());
      node.offset = static_cast<std::size_t>(token.data() - begin_);
    }
    switch (type) {
    case ondemand::json_type::object:
      return build_object(cursor, node);
    case ondemand::json_type::array:
      return build_array(cursor, node);
    default:
      if constexpr (std::is_same_v<Cursor, ondemand::value>)
        return build_scalar(cursor, type, token, node);
      return false; // a document that is one scalar
    }
  }

private:
  template <class Cursor>
  bool build_object(Cursor& cursor, json_node& node) {
    node.type = json_node::kind::object;
    ondemand::object object;
    if (depth_ == json_depth_max || cursor.get_object().get(object) != simdjson::SUCCESS)
      return false;
    ++depth_;
    for (auto field : object) {
      if (!build_member(field, node))
        return false;
    }
    --depth_;
    mark_shadowed(node);
    return true;
  }

  bool build_member(simdjson::simdjson_result<ondemand::field>& field, json_node& node) {
    ondemand::raw_json_string raw;
    std::string_view key;
    ondemand::value value;
    if (field.key().get(raw) != simdjson::SUCCESS)
      return false;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS)
      return false;
    if (field.value().get(value) != simdjson::SUCCESS)
      return false;
    auto& member = node.members.emplace_back();
    member.key = key;
    member.offset = static_cast<std::size_t>(raw.raw() - begin_) - 1;
    return build(value, member.value);
  }

  template <class Cursor>
  bool build_array(Cursor& cursor, json_node& node) {
    node.type = json_node::kind::array;
    ondemand::array array;
    if (depth_ == json_depth_max || cursor.get_array().get(array) != simdjson::SUCCESS)
      return false;
    ++depth_;
    for (auto item : array) {
      ondemand::value value;
      if (item.get(value) != simdjson::SUCCESS || !build(value, node.items.emplace_back()))
        return false;
    }
    --depth_;
    return true;
  }

  bool build_scalar(ondemand::value& cursor, ondemand::json_type type, std::string_view token,
                    json_node& node) {
    std::string_view text;
    switch (type) {
    case ondemand::json_type::string:
      node.type = json_node::kind::string;
      if (cursor.get_string().get(text) != simdjson::SUCCESS)
        return false;
      node.text = text;
      return true;
    case ondemand::json_type::number:
      node.type = json_node::kind::number;
      node.text = token;
      node.number = nearest_double(node.text);
      return is_json_number(token);
    case ondemand::json_type::boolean:
      node.type = json_node::kind::boolean;
      return cursor.get_bool().get(node.boolean) == simdjson::SUCCESS;
    default:
      return token == "null";
    }
  }

  static void mark_shadowed(json_node& node) {
    std::unordered_map<std::string_view, std::size_t, text_hash> last;
    for (std::size_t i = 0; i < node.members.size(); ++i) {
      const auto [earlier, fresh] = last.try_emplace(node.members[i].key, i);
      if (!fresh) {
        node.members[earlier->second].shadowed = true;
        earlier->second = i;
      }
    }
  }

  const char* begin_;
  std::size_t nodes_ = 0;
  std::size_t depth_ = 0;
};

std::optional<std::string> refuse(std::string_view text) {
  if (text.size() > json_document::text_bytes_max)
    return fmt::format("{} bytes are too many: at most 16 MiB are read", text.size());
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return "this is UTF-16: save the file as UTF-8";
  return std::nullopt;
}

} // namespace

result<json_document, json_error> json_document::read(std::string_view text) {
  if (auto reason = refuse(text))
    return json_error{{}, std::move(*reason)};
  text = without_byte_order_mark(text);
  json_document out{text};
  const simdjson::padded_string padded{text};
  ondemand::parser parser;
  ondemand::document document;
  tree_builder builder{padded.data()};
  bool fine = parser.iterate(padded).get(document) == simdjson::SUCCESS;
  fine = fine && builder.build(document, out.root_) &&
         document.current_location().error() == simdjson::OUT_OF_BOUNDS; // nothing follows
  if (fine) {
    out.root_.offset = text.find_first_not_of(" \t\r\n");
    return out;
  }
  if (builder.too_many())
    return json_error{{}, "more than 1,000,000 values: this is no configuration"};
  if (const auto why = find_syntax_error(text))
    return json_error{out.place_of(why->offset), why->message};
  return json_error{{}, "this is no JSON"};
}

json_document::json_document(std::string_view text) : line_begins_{0} {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    line_begins_.push_back(at + 1);
}

text_place json_document::place_of(std::size_t offset) const {
  const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  const auto line = static_cast<std::size_t>(after - line_begins_.begin());
  return {line, offset - line_begins_[line - 1] + 1};
}

const json_member* json_node::find(std::string_view key) const {
  const auto hit = std::find_if(members.begin(), members.end(), [&](const json_member& member) {
    return member.key == key && !member.shadowed;
  });
  return hit == members.end() ? nullptr : &*hit;
}

std::string_view json_node::kind_name() const {
  switch (type) {
  case kind::null:
    return "null";
  case kind::boolean:
    return boolean ? "true" : "false";
  case kind::number:
    return "a number";
  case kind::string:
    return "a string";
  case kind::array:
    return "an array";
  case kind::object:
    return "an object";
  }
  return "nothing";
}

std::string child_pointer(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const auto c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string child_pointer(std::string_view pointer, std::size_t index) {
  return fmt::format("{}/{}", pointer, index);
}

} // namespace tocsin
