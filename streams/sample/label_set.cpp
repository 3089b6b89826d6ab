#include "streams/sample/label_set.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>

namespace tocsin {

void label_set::add(std::string_view name, std::string_view text) {
  bytes_ += name.size() + text.size();
  if (bytes_ > gathered_bytes_max)
    found_.clear();
  else
    found_.insert_or_assign(std::string(name), std::string(text));
}

std::string label_set::json() const {
  if (bytes_ > gathered_bytes_max || found_.empty())
    return {};
  std::string out;
  for (const auto& [name, text] : found_)
    out += fmt::format("{}{}:{}", out.empty() ? '{' : ',', quote_json(name), quote_json(text));
  out += '}';
  return out.size() > bytes_max ? std::string() : out;
}

} // namespace tocsin
