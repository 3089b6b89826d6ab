#include "config/headers_reader.hpp"

#include "config/keyed_hash.hpp"
#include "config/spelling.hpp"
#include "config/text_map_reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <unordered_map>

namespace tocsin {

namespace {

constexpr std::array<std::string_view, 9> ours = {
    "host", "connection", "content-length", "content-type", "transfer-encoding",
    "te",   "trailer",    "upgrade",        "expect"};

bool fits_header(char c) {
  return is_plain_letter_or_digit(c) ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string_view object_to_name(std::string_view name) {
  const auto lower = lower_case(name);
  if (name.empty() || !std::all_of(name.begin(), name.end(), fits_header))
    return "is no name of a header: letters, digits and dashes";
  if (lower.starts_with("tocsin-") || lower.starts_with("x-tocsin-") ||
      std::find(ours.begin(), ours.end(), lower) != ours.end())
    return "cannot be set: Tocsin sends its own";
  return "";
}

std::string_view object_to_text(std::string_view text) {
  return holds_control_character(text) ? "holds a line break or another control character" : "";
}

constexpr text_map_bounds bounds = {"header",       R"({"X-Team": "ops"})", 32, 4'096, 16'384,
                                    object_to_name, object_to_text};

} // namespace

std::optional<text_map> read_headers(const json_cursor& at, problem_list& problems) {
  auto headers = read_text_map(at, bounds, problems);
  if (!headers)
    return std::nullopt;
  std::unordered_map<std::string, std::string_view, text_hash> taken;
  for (const auto& [name, text] : *headers) {
    const auto [first, fresh] = taken.try_emplace(lower_case(name), name);
    if (!fresh)
      problems.error(at.place(), fmt::format("`{}` and `{}` are one header: keep one of them",
                                             first->second, name));
  }
  return headers;
}

} // namespace tocsin
