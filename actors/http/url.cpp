#include "actors/http/client.hpp"

#include <charconv>
#include <fmt/format.h>

namespace tocsin::http {

namespace {

error unreadable(std::string_view url, std::string_view why) {
  return {
      fmt::format("`{}` is no URL to use: {}; write http://HOST:PORT or https://HOST", url, why)};
}

} // namespace

result<url_parts> parse_url(std::string_view url) {
  url_parts parts;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    parts.tls = true;
    parts.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return unreadable(url, "it does not begin with http:// or https://");
  }
  const auto slash = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash);
  path = path.substr(0, path.find('#'));
  parts.path = path.starts_with('/') ? "" : "/";
  parts.path += path;
  if (authority.find('@') != std::string_view::npos) {
    return unreadable("…", "it holds a user name; use a token file"); // not shown: a password
  }
  for (char c : url) {
    if (c <= ' ' || c == 0x7F) {
      return unreadable(url, "it holds a blank or a control character");
    }
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) {
      return unreadable(url, "a bracket is not closed");
    }
    parts.host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else {
    const auto colon = authority.find(':');
    parts.host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? "" : authority.substr(colon);
  }
  if (parts.host.empty()) {
    return unreadable(url, "the host is missing");
  }
  if (!port.empty()) {
    unsigned number = 0;
    const auto [end, ec] = std::from_chars(port.data() + 1, port.data() + port.size(), number);
    if (port[0] != ':' || ec != std::errc{} || end != port.data() + port.size() || number == 0 ||
        number > 65535) {
      return unreadable(url, "its port is no number from 1 to 65535");
    }
    parts.port = static_cast<std::uint16_t>(number);
  }
  return parts;
}

} // namespace tocsin::http
