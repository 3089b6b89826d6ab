#include "config/annotation.hpp"

#include "config/json_text.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

annotation_value value_named(std::string_view name) {
  const auto hit = std::find(annotation_names.begin(), annotation_names.end(), name);
  return static_cast<annotation_value>(hit - annotation_names.begin());
}

std::string unknown_name(std::string_view name) {
  constexpr std::size_t edits_max = 2;
  const auto lower = lower_case(name);
  auto nearest = nearest_spelling(name, annotation_names, edits_max);
  for (const auto known : annotation_names) {
    if (lower == lower_case(known))
      nearest = known;
  }
  return fmt::format("unknown name {} in braces, which stays in the text: {}{}",
                     quote_for_people(name), nearest ? "did you mean " : "there are ",
                     nearest ? fmt::format("`{}`?", *nearest) : list_all(annotation_names));
}

} // namespace

annotation_template read_annotation(std::string_view text) {
  annotation_template out;
  std::string before;
  for (;;) {
    const auto open = text.find("{{");
    before += text.substr(0, open);
    if (open == std::string_view::npos)
      break;
    text.remove_prefix(open);
    const auto close = text.find("}}");
    if (close == std::string_view::npos) {
      out.problems.emplace_back("braces are opened and not closed: they stay in the text");
      before.append(text).append(" (braces not closed)");
      break;
    }
    const auto name = without_blanks(text.substr(2, close - 2));
    const auto value = value_named(name);
    if (value == annotation_value::none) {
      out.problems.push_back(unknown_name(name));
      before += fmt::format("{{{{{}: unknown}}}}", name);
    } else {
      out.pieces.push_back({std::move(before), value});
      before.clear();
    }
    text.remove_prefix(close + 2);
  }
  out.pieces.push_back({std::move(before), annotation_value::none});
  return out;
}

} // namespace tocsin
