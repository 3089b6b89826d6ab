#pragma once

#include <string_view>

namespace tocsin {

/// Text without the UTF-8 byte order mark that editors put before it.
constexpr std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (text.starts_with(mark))
    text.remove_prefix(mark.size());
  return text;
}

} // namespace tocsin
