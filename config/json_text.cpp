#include "config/json_text.hpp"

#include "config/safe_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<std::uint8_t>(text[at]) & 0xC0) == 0x80;
}

// The length of the well-formed sequence at `at` (Unicode 15, table 3-7), or 0.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(text[at]);
  if (lead < 0x80)
    return 1;
  const auto next = at + 1 < text.size() ? static_cast<std::uint8_t>(text[at + 1]) : 0;
  if (lead >= 0xC2 && lead <= 0xDF)
    return is_continuation(text, at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && next < 0xA0;
    const bool surrogate = lead == 0xED && next > 0x9F;
    const bool whole = is_continuation(text, at + 1) && is_continuation(text, at + 2);
    return whole && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && next < 0x90;
    const bool beyond = lead == 0xF4 && next > 0x8F;
    const bool whole = is_continuation(text, at + 1) && is_continuation(text, at + 2) &&
                       is_continuation(text, at + 3);
    return whole && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    if (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
}

} // namespace

std::string quote_json(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto length = sequence_length(text, at);
    if (length == 0)
      out += replacement;
    else if (length == 1)
      append_escaped(out, text[at]);
    else
      out += text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out + '"';
}

std::string write_number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "null";
}

std::optional<std::size_t> find_bad_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = sequence_length(text, at);
    if (length == 0)
      return at;
    at += length;
  }
  return std::nullopt;
}

std::string quote_for_people(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 60;
  auto shown = std::min(text.size(), shown_bytes_max);
  while (shown < text.size() && shown > 0 && is_continuation(text, shown))
    --shown;
  const auto quoted = safe_lines(quote_json(text.substr(0, shown)));
  auto out = '`' + quoted.substr(1, quoted.size() - 2);
  return out + (shown < text.size() ? "…`" : "`");
}

} // namespace tocsin
