#include "config/safe_text.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_plain(unsigned char c) {
  return c >= 0x20 && c < 0x7F;
}

void append_control(std::string& out, char c) {
  switch (c) {
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  default:
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

// Valid UTF-8 whose plain ASCII ends at `plain`.
std::string escape(std::string_view text, std::size_t plain, std::string_view kept) {
  std::string out(text.substr(0, plain));
  for (auto at = plain; at < text.size();) {
    const auto c = text[at];
    if (const auto length = hidden_length(text, at); length > 0) {
      out += escape_hidden(text.substr(at, length));
      at += length;
      continue;
    }
    if ((static_cast<unsigned char>(c) < 0x20 || c == 0x7F) && kept.find(c) == std::string::npos)
      append_control(out, c);
    else
      out += c;
    ++at;
  }
  return out;
}

std::string safe(std::string_view text, std::string_view kept) {
  const auto stop = std::find_if_not(text.begin(), text.end(), is_plain);
  if (stop == text.end())
    return std::string(text);
  const auto plain = static_cast<std::size_t>(stop - text.begin());
  auto bad = find_bad_utf8(text);
  if (!bad)
    return escape(text, plain, kept);
  std::string valid;
  for (auto rest = text; !rest.empty(); bad = find_bad_utf8(rest)) {
    const auto good = bad.value_or(rest.size());
    valid += rest.substr(0, good);
    if (bad)
      valid += replacement;
    rest.remove_prefix(std::min(good + 1, rest.size()));
  }
  return escape(valid, plain, kept);
}

} // namespace

std::size_t hidden_length(std::string_view text, std::size_t at) {
  const auto lead = byte_at(text, at);
  if (lead < 0xC2)
    return 0;
  const auto second = byte_at(text, at + 1);
  if (lead == 0xC2)
    return second >= 0x80 && second <= 0x9F ? 2 : 0;
  if (lead == 0xD8)
    return second == 0x9C ? 2 : 0;
  if (lead != 0xE2)
    return 0;
  const auto third = byte_at(text, at + 2);
  const bool marks = second == 0x80 && (third == 0x8E || third == 0x8F);
  const bool lines_and_embeddings = second == 0x80 && third >= 0xA8 && third <= 0xAE;
  const bool isolates = second == 0x81 && third >= 0xA6 && third <= 0xA9;
  return marks || lines_and_embeddings || isolates ? 3 : 0;
}

std::string escape_hidden(std::string_view character) {
  const auto tail = [&](std::size_t at) { return byte_at(character, at) & 0x3Fu; };
  const auto point = character.size() == 2
                         ? ((byte_at(character, 0) & 0x1Fu) << 6) | tail(1)
                         : ((byte_at(character, 0) & 0x0Fu) << 12) | (tail(1) << 6) | tail(2);
  return fmt::format("\\u{:04x}", point);
}

std::string safe_line(std::string_view text) {
  return safe(text, "\t");
}

std::string safe_lines(std::string_view text) {
  return safe(text, "\n\t");
}

} // namespace tocsin
