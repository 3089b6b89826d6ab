#include "config/match_reader.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

void read_pattern(const json_cursor& at, text_pattern_list& into, problem_list& problems) {
  if (at.node().type != kind::string)
    return problems.error(at.place(), fmt::format(R"(expected a pattern such as "ops-*", found {})",
                                                  at.node().kind_name()));
  auto pattern = text_pattern::read(at.node().text);
  if (!pattern)
    return problems.error(at.place(),
                          fmt::format("the pattern {} {}", quote_for_people(at.node().text),
                                      pattern.failure().message));
  into.add(std::move(*pattern));
}

text_pattern_list read_patterns(const json_cursor& at, problem_list& problems) {
  text_pattern_list out;
  const auto& items = at.node().items;
  if (at.node().type != kind::array)
    read_pattern(at, out, problems);
  else if (items.empty())
    problems.error(at.place(), "no pattern stands here: write one, or leave the label out");
  else if (items.size() > match_patterns_max)
    problems.error(at.place(), fmt::format("{} patterns are too many: at most {}", items.size(),
                                           match_patterns_max));
  else
    for (std::size_t i = 0; i < items.size(); ++i)
      read_pattern(at.child(i), out, problems);
  return out;
}

} // namespace

std::vector<label_condition> read_match(const json_cursor& at, problem_list& problems) {
  std::vector<label_condition> out;
  if (at.node().type != kind::object) {
    problems.error(at.place(), fmt::format(R"(expected an object such as {{"severity": "page"}}, )"
                                           "found {}",
                                           at.node().kind_name()));
    return out;
  }
  for (const auto& member : at.node().members) {
    if (member.shadowed)
      problems.warn(at.place_of_key(member), fmt::format("{} is written twice here: the last one "
                                                         "counts",
                                                         quote_for_people(member.key)));
    else
      out.push_back({member.key, read_patterns(at.child(member), problems)});
  }
  if (out.size() > match_labels_max)
    problems.error(at.place(),
                   fmt::format("{} labels are too many: at most {}", out.size(), match_labels_max));
  return out;
}

} // namespace tocsin
