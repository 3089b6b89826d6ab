#include "streams/sample/line_error.hpp"

#include "config/json_syntax.hpp"
#include "streams/sample/sample_reader.hpp"

#include <fmt/format.h>

namespace tocsin {

std::string explain_line(std::string_view line, std::string otherwise) {
  const auto begin = line.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || line[begin] != '{')
    return "not a JSON object";
  const auto why = find_syntax_error(line, {sample_reader::depth_max, true});
  return why ? fmt::format("not valid JSON: {} (byte {})", why->message, why->offset + 1)
             : std::move(otherwise);
}

} // namespace tocsin
