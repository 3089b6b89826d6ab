#include "streams/sample/json_tokens.hpp"

#include <cctype>

namespace tocsin {

namespace {

bool hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

} // namespace

std::string_view json_token(std::string_view raw) {
  while (!raw.empty() &&
         (raw.back() == ' ' || raw.back() == '\t' || raw.back() == '\r' || raw.back() == '\n'))
    raw.remove_suffix(1);
  return raw;
}

bool is_json_string(const char* p) {
  for (; *p != '"'; ++p) {
    if (*p != '\\')
      continue;
    ++p;
    if (*p == 'u') {
      for (int i = 1; i <= 4; ++i)
        if (!hex(p[i]))
          return false;
      p += 4;
    } else if (std::string_view("\"\\/bfnrt").find(*p) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::size_t json_string_bytes(const char* after_quote) {
  const char* p = after_quote;
  for (; *p != '"'; ++p)
    p += *p == '\\';
  return static_cast<std::size_t>(p - after_quote);
}

} // namespace tocsin
