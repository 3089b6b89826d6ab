#include "config/diagnostic.hpp"

#include "config/json_text.hpp"
#include "config/safe_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

std::string_view name_of(diagnostic::severity level) {
  return level == diagnostic::severity::error ? "error" : "warning";
}

} // namespace

std::string diagnostic::text() const {
  std::string out = file;
  if (line != 0)
    out += fmt::format(":{}:{}", line, column);
  out += fmt::format(": {}: {}", name_of(level), message);
  if (!pointer.empty())
    out += fmt::format(" (at {})", pointer);
  return safe_line(out);
}

std::string diagnostic::json() const {
  return fmt::format(R"({{"severity":"{}","file":{},"line":{},"column":{},"pointer":{},)"
                     R"("message":{}}})",
                     name_of(level), quote_json(file), line, column, quote_json(pointer),
                     quote_json(message));
}

bool has_errors(const diagnostics& problems) {
  return std::any_of(problems.begin(), problems.end(), [](const diagnostic& problem) {
    return problem.level == diagnostic::severity::error;
  });
}

} // namespace tocsin
