#include "config/text_map_reader.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

bool check_text(const json_cursor& at, const text_map_bounds& bounds, problem_list& problems) {
  const auto& node = at.node();
  if (node.type != kind::string)
    problems.error(at.place(),
                   fmt::format("expected a string, found {}{}", node.kind_name(),
                               node.type == kind::number ? ": write it in quotes" : ""));
  else if (node.text.size() > bounds.text_bytes_max)
    problems.error(at.place(), fmt::format("this {} has {} bytes: at most {}", bounds.what,
                                           node.text.size(), bounds.text_bytes_max));
  else if (const auto objection = bounds.objection_to_text(node.text); !objection.empty())
    problems.error(at.place(), fmt::format("this {} {}", bounds.what, objection));
  else
    return true;
  return false;
}

bool check_name(const json_cursor& object, const json_member& member, const text_map_bounds& bounds,
                problem_list& problems) {
  const auto objection = bounds.objection_to_name(member.key);
  if (!objection.empty())
    problems.error(
        object.place_of_key(member),
        fmt::format("the {} {} {}", bounds.what, quote_for_people(member.key), objection));
  return objection.empty();
}

} // namespace

bool is_plain_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<text_map> read_text_map(const json_cursor& at, const text_map_bounds& bounds,
                                      problem_list& problems) {
  if (at.node().type != kind::object) {
    problems.error(at.place(), fmt::format("expected an object such as {}, found {}",
                                           bounds.example, at.node().kind_name()));
    return std::nullopt;
  }
  text_map out;
  bool fine = true;
  for (const auto& member : at.node().members) {
    if (member.shadowed) {
      problems.warn(at.place_of_key(member), fmt::format("{} is written twice here: the last one "
                                                         "counts",
                                                         quote_for_people(member.key)));
      continue;
    }
    const bool name_fits = check_name(at, member, bounds, problems);
    const bool text_fits = check_text(at.child(member), bounds, problems);
    fine = fine && name_fits && text_fits;
    out.emplace_back(member.key, member.value.text);
  }
  if (out.size() > bounds.count_max) {
    problems.error(at.place(), fmt::format("{} {}s are too many: at most {}", out.size(),
                                           bounds.what, bounds.count_max));
    return std::nullopt;
  }
  std::size_t bytes = 0;
  for (const auto& [name, text] : out)
    bytes += name.size() + text.size();
  if (bytes > bounds.bytes_max) {
    problems.error(at.place(), fmt::format("these {}s have {} bytes together: at most {}",
                                           bounds.what, bytes, bounds.bytes_max));
    return std::nullopt;
  }
  std::sort(out.begin(), out.end());
  return fine ? std::optional{std::move(out)} : std::nullopt;
}

text_map texts_of(const json_node& object) {
  text_map out;
  for (const auto& member : object.members) {
    if (member.value.type == kind::string && !member.shadowed)
      out.emplace_back(member.key, member.value.text);
  }
  std::sort(out.begin(), out.end());
  return out;
}

} // namespace tocsin
