#include "config/choice_reader.hpp"

#include "config/json_text.hpp"
#include "config/spelling.hpp"

#include <array>
#include <fmt/format.h>
#include <string>

namespace tocsin {

namespace {

// What people write who come from elsewhere.
struct synonym {
  std::string_view word;
  std::string_view meant;
};
constexpr std::array synonyms = {
    synonym{"average", "avg"},         synonym{"mean", "avg"},
    synonym{"total", "sum"},           synonym{"minimum", "min"},
    synonym{"least", "min"},           synonym{"maximum", "max"},
    synonym{"greatest", "max"},        synonym{"latest", "last"},
    synonym{"newest", "last"},         synonym{"current", "last"},
    synonym{"ticks", "count"},         synonym{"number", "count"},
    synonym{"ignore", "keep"},         synonym{"recover", "resolve"},
    synonym{"resolved", "resolve"},    synonym{">=", "equalOrMoreThan"},
    synonym{"=>", "equalOrMoreThan"},  synonym{"gte", "equalOrMoreThan"},
    synonym{"<=", "equalOrLessThan"},  synonym{"=<", "equalOrLessThan"},
    synonym{"lte", "equalOrLessThan"}, synonym{"firing", "opened"},
    synonym{"open", "opened"},         synonym{"closed", "resolved"},
    synonym{"json", "incident"},
};

std::string suggest(std::string_view word, std::span<const std::string_view> names) {
  constexpr std::size_t edits_max = 2;
  const auto lower = lower_case(word);
  for (const auto name : names) {
    if (lower == lower_case(name))
      return fmt::format("`{}`", name);
    for (const auto& [known, meant] : synonyms) {
      if (lower == known && meant == name)
        return fmt::format("`{}`", name);
    }
  }
  if (const auto nearest = nearest_spelling(word, names, edits_max))
    return fmt::format("`{}`", *nearest);
  return list_choices(names);
}

} // namespace

std::optional<std::size_t> read_choice(const json_cursor& at, std::string_view what,
                                       std::span<const std::string_view> names,
                                       problem_list& problems) {
  const auto& node = at.node();
  if (node.type != json_node::kind::string) {
    problems.error(at.place(),
                   fmt::format("expected {}, found {}", list_choices(names), node.kind_name()));
    return std::nullopt;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (node.text == names[i])
      return i;
  }
  problems.error(at.place(), fmt::format("unknown {} {}: use {}", what, quote_for_people(node.text),
                                         suggest(node.text, names)));
  return std::nullopt;
}

} // namespace tocsin
