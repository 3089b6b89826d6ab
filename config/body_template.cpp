#include "config/body_template.hpp"

#include "config/json_text.hpp"

namespace tocsin {

namespace {

void cut(std::string& text, std::size_t bytes_max) {
  constexpr std::string_view ellipsis = "…";
  if (text.size() <= bytes_max)
    return;
  auto end = bytes_max - ellipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end; // not within a character
  text.resize(end);
  text += ellipsis;
}

} // namespace

std::string body_template::fill(const std::function<std::string(const piece&)>& of) const {
  std::string out;
  for (const auto& p : pieces) {
    out += p.text;
    if (p.value == body_value::none)
      continue;
    auto text = of(p);
    cut(text, value_bytes_max);
    if (plain_text) {
      out += text;
    } else {
      const auto quoted = quote_json(text);
      out.append(quoted, 1, quoted.size() - 2);
    }
  }
  return out;
}

} // namespace tocsin
