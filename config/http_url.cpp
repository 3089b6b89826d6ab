#include "config/http_url.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace tocsin {

namespace {

status take_scheme(std::string_view& rest, http_url& into) {
  into.tls = rest.starts_with("https://");
  if (!into.tls && !rest.starts_with("http://"))
    return error{"it does not begin with http:// or https://"};
  into.port = into.tls ? 443 : 80;
  rest.remove_prefix(into.tls ? 8 : 7);
  return done{};
}

status take_port(std::string_view text, http_url& into) {
  if (text.empty())
    return done{};
  unsigned number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + 1, end, number);
  if (text.front() != ':' || failure != std::errc{} || stop != end || number == 0 ||
      number > 65'535)
    return error{"its port is no number from 1 to 65535"};
  into.port = static_cast<std::uint16_t>(number);
  return done{};
}

status take_authority(std::string_view text, http_url& into) {
  if (text.find('@') != std::string_view::npos)
    return error{"it holds a user name, which would be shown to whoever sees the URL"};
  const bool brackets = text.starts_with('[');
  const auto closing = text.find(']');
  if (brackets && closing == std::string_view::npos)
    return error{"a bracket is not closed"};
  const auto port = brackets ? closing + 1 : std::min(text.find(':'), text.size());
  into.host = brackets ? text.substr(1, closing - 1) : text.substr(0, port);
  if (into.host.empty())
    return error{"the host is missing"};
  return take_port(text.substr(port), into);
}

} // namespace

std::string http_url::site() const {
  const bool brackets = host.find(':') != std::string::npos;
  auto out = fmt::format("{}://{}{}{}", tls ? "https" : "http", brackets ? "[" : "", host,
                         brackets ? "]" : "");
  return port == (tls ? 443 : 80) ? out : fmt::format("{}:{}", out, port);
}

result<http_url> read_http_url(std::string_view url) {
  http_url out;
  auto rest = url;
  if (auto taken = take_scheme(rest, out); !taken)
    return taken.failure();
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; };
  if (std::any_of(url.begin(), url.end(), blank))
    return error{"it holds a blank or a control character"};
  const auto slash = std::min(rest.find_first_of("/?#"), rest.size());
  if (auto taken = take_authority(rest.substr(0, slash), out); !taken)
    return taken.failure();
  auto path = rest.substr(slash);
  path = path.substr(0, path.find('#'));
  if (!path.starts_with('/'))
    out.path.push_back('/');
  out.path += path;
  return out;
}

} // namespace tocsin
