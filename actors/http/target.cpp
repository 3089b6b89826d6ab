#include "actors/http/target.hpp"

namespace tocsin::http {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Leaves the path of "http://host/path".
std::string_view without_origin(std::string_view text) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (text.starts_with(scheme)) {
      const auto path = text.find_first_of("/?", scheme.size());
      return path == std::string_view::npos ? "/" : text.substr(path);
    }
  }
  return text;
}

result<field_list> parse_query(std::string_view text) {
  field_list query;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) {
      continue;
    }
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value) {
      return !name ? name.failure() : value.failure();
    }
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

} // namespace

result<std::string> percent_decode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && form) {
      c = ' ';
    } else if (c == '%') {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return error{"a `%` in the URL is not followed by two hexadecimal digits (a literal "
                     "percent sign is written %25)"};
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') {
      return error{"the URL holds a NUL character"};
    }
    out += c;
  }
  return out;
}

result<target> parse_target(std::string_view text) {
  text = without_origin(text);
  text = text.substr(0, text.find('#'));
  const auto mark = text.find('?');
  std::string_view path = text.substr(0, mark);
  if (path.empty() && mark == 0) {
    path = "/";
  }
  if (!path.starts_with('/')) {
    return error{"the request's target is no path: it does not begin with `/`"};
  }
  auto decoded = percent_decode(path, false);
  if (!decoded) {
    return decoded.failure();
  }
  auto query =
      parse_query(mark == std::string_view::npos ? std::string_view{} : text.substr(mark + 1));
  if (!query) {
    return query.failure();
  }
  return target{std::move(*decoded), std::move(*query)};
}

} // namespace tocsin::http
