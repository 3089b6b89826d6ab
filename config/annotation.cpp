#include "config/annotation.hpp"

#include "config/placeholders.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

annotation_value value_named(std::string_view name) {
  const auto hit = std::find(annotation_names.begin(), annotation_names.end(), name);
  return static_cast<annotation_value>(hit - annotation_names.begin());
}

} // namespace

annotation_template read_annotation(std::string_view text) {
  annotation_template out;
  std::string before;
  const auto parts = split_at_placeholders(text);
  for (const auto& part : parts.pieces) {
    before += part.text;
    if (!part.name)
      break;
    const auto value = value_named(*part.name);
    if (value == annotation_value::none) {
      out.problems.push_back(
          unknown_placeholder(*part.name, annotation_names, ", which stays in the text"));
      before += fmt::format("{{{{{}: unknown}}}}", *part.name);
    } else {
      out.pieces.push_back({std::move(before), value});
      before.clear();
    }
  }
  if (parts.not_closed) {
    out.problems.emplace_back("braces are opened and not closed: they stay in the text");
    before += " (braces not closed)";
  }
  out.pieces.push_back({std::move(before), annotation_value::none});
  return out;
}

} // namespace tocsin
