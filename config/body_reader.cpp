#include "config/body_reader.hpp"

#include "config/json_text.hpp"
#include "config/placeholders.hpp"
#include "config/safe_text.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

constexpr std::string_view labels = "labels.", annotations = "annotations.";

// What comes before the first dot may be misspelt, as in "label.team"; behind it anything may
// stand.
std::string objection_to(const std::string& name) {
  const auto dot = name.find('.');
  for (const auto& known : {labels, annotations}) {
    const std::array<std::string_view, 1> one = {known};
    if (dot != std::string::npos && nearest_spelling(name.substr(0, dot + 1), one, 2))
      return fmt::format("unknown name {} in braces: did you mean `{}{}`?", quote_for_people(name),
                         known, name.size() > dot + 1 ? safe_line(name.substr(dot + 1)) : "NAME");
  }
  return unknown_placeholder(name, body_value_names, "");
}

// Takes the value apart as it would be written, piece by piece.
class body_reader {
public:
  explicit body_reader(problem_list& problems) : problems_(problems) {}

  body_template run(const json_cursor& at) {
    out_.plain_text = at.node().type == kind::string;
    take(at);
    out_.pieces.push_back({std::move(text_)});
    check_bounds(at);
    return std::move(out_);
  }

private:
  void take(const json_cursor& at) {
    const auto& node = at.node();
    if (node.type == kind::string)
      take_text(at);
    else if (node.type == kind::array)
      take_array(at);
    else if (node.type == kind::object)
      take_object(at);
    else if (node.type == kind::number)
      text_ += node.text;
    else
      text_ += node.type == kind::null ? "null" : node.boolean ? "true" : "false";
  }

  void take_array(const json_cursor& at) {
    text_ += '[';
    for (std::size_t i = 0; i < at.node().items.size(); ++i) {
      text_ += i > 0 ? "," : "";
      take(at.child(i));
    }
    text_ += ']';
  }

  void take_object(const json_cursor& at) {
    text_ += '{';
    bool first = true;
    for (const auto& member : at.node().members) {
      if (member.shadowed)
        continue;
      text_ += first ? "" : ",";
      text_ += quote_json(member.key);
      text_ += ':';
      take(at.child(member));
      first = false;
    }
    text_ += '}';
  }

  void take_text(const json_cursor& at) {
    quote();
    const auto parts = split_at_placeholders(at.node().text);
    for (const auto& part : parts.pieces) {
      literal(part.text);
      if (part.name)
        take_name(at, *part.name);
    }
    quote();
    if (parts.not_closed)
      problems_.error(at.place(), "braces are opened and not closed: write {{NAME}}");
  }

  void take_name(const json_cursor& at, const std::string& name) {
    body_template::piece piece;
    if (name.starts_with(labels) && name.size() > labels.size())
      piece = {"", body_value::label, name.substr(labels.size())};
    else if (name.starts_with(annotations) && name.size() > annotations.size())
      piece = {"", body_value::annotation, name.substr(annotations.size())};
    else
      piece.value = value_named(name);
    if (piece.value == body_value::none)
      return problems_.error(at.place(), objection_to(name));
    piece.text = std::move(text_);
    text_.clear();
    out_.pieces.push_back(std::move(piece));
  }

  static body_value value_named(std::string_view name) {
    const auto end = body_value_names.begin() + static_cast<int>(body_value::label);
    const auto hit = std::find(body_value_names.begin(), end, name);
    return hit == end ? body_value::none : static_cast<body_value>(hit - body_value_names.begin());
  }

  void quote() { text_ += out_.plain_text ? "" : "\""; }

  void literal(std::string_view text) {
    if (out_.plain_text) {
      text_ += text;
    } else {
      const auto quoted = quote_json(text);
      text_.append(quoted, 1, quoted.size() - 2);
    }
  }

  void check_bounds(const json_cursor& at) {
    std::size_t bytes = 0;
    for (const auto& piece : out_.pieces)
      bytes += piece.text.size() + piece.name.size();
    if (bytes > body_template::bytes_max)
      problems_.error(at.place(), fmt::format("this body has {} bytes: at most {}", bytes,
                                              body_template::bytes_max));
    if (out_.pieces.size() - 1 > body_template::values_max)
      problems_.error(at.place(), fmt::format("this body has {} names in braces: at most {}",
                                              out_.pieces.size() - 1, body_template::values_max));
  }

  problem_list& problems_;
  body_template out_;
  std::string text_; // since the last value
};

} // namespace

body_template read_body(const json_cursor& at, problem_list& problems) {
  return body_reader(problems).run(at);
}

} // namespace tocsin
