#include "config/text_map.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>

namespace tocsin {

std::string write_texts(const text_map& texts) {
  std::string out = "{";
  for (const auto& [name, text] : texts)
    out += fmt::format("{}{}:{}", out.size() > 1 ? "," : "", quote_json(name), quote_json(text));
  return out + '}';
}

} // namespace tocsin
