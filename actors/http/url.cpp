#include "actors/http/client.hpp"

#include <fmt/format.h>

namespace tocsin::http {

result<url_parts> parse_url(std::string_view url) {
  auto parts = read_http_url(url);
  if (parts)
    return parts;
  const auto& why = parts.failure().message;
  const bool hidden = url.find('@') != std::string_view::npos; // a password
  return error{fmt::format("`{}` is no URL to use: {}; write http://HOST:PORT or https://HOST",
                           hidden ? "…" : url, why)};
}

} // namespace tocsin::http
