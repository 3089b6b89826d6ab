#include "config/redis_url.hpp"

#include "config/spelling.hpp"

#include <algorithm>
#include <charconv>

namespace tocsin {

namespace {

struct split {
  std::string_view left;
  std::optional<std::string_view> right;
};

split split_at(std::string_view text, std::size_t at) {
  if (at == std::string_view::npos)
    return {text, std::nullopt};
  return {text.substr(0, at), text.substr(at + 1)};
}

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto end = digits.data() + digits.size();
    const auto [stop, failure] = std::from_chars(digits.data(), end, byte, 16);
    if (digits.size() != 2 || failure != std::errc{} || stop != end)
      return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

status take_login(std::string_view login, redis_parts& into) {
  const auto [user, password] = split_at(login, login.find(':'));
  auto user_decoded = decode_percent(user);
  auto password_decoded = decode_percent(password.value_or(""));
  if (!user_decoded || !password_decoded)
    return error{"user or password holds a % that is no percent-encoding: write % as %25"};
  if (!user_decoded->empty())
    into.user = std::move(user_decoded);
  if (password && !password_decoded->empty())
    into.password = std::move(password_decoded);
  return done{};
}

status take_database(std::string_view text, redis_parts& into) {
  into.database = read_digits(text, redis_database_max);
  return into.database ? status{done{}} : error{"the database must be a number such as 0"};
}

status take_parameter(std::string_view name, std::string_view text, redis_parts& into) {
  if (name == "db")
    return take_database(text, into);
  if (name == "family") {
    into.family = read_digits(text, 6);
    return into.family && is_address_family(*into.family)
               ? status(done{})
               : error{"the parameter `family` must be 4, 6 or 0"};
  }
  if (name == "keyPrefix") {
    into.key_prefix = decode_percent(text);
    if (!into.key_prefix)
      return error{"the keyPrefix holds a % that is no percent-encoding: write % as %25"};
    const auto objection = object_to_key_prefix(*into.key_prefix);
    return objection.empty() ? status(done{}) : error{std::string(objection)};
  }
  if (!name.empty())
    into.ignored.emplace_back(name);
  return done{};
}

status take_query(std::string_view query, redis_parts& into) {
  while (!query.empty()) {
    const auto [pair, rest] = split_at(query, query.find('&'));
    const auto [name, text] = split_at(pair, pair.find('='));
    if (auto taken = take_parameter(name, text.value_or(""), into); !taken)
      return taken;
    query = rest.value_or("");
  }
  return done{};
}

status take_host(std::string_view authority, redis_parts& into) {
  auto host = authority;
  std::optional<std::string_view> port;
  if (authority.starts_with('[')) {
    const auto closing = authority.find(']');
    if (closing == std::string_view::npos)
      return error{"the closing ] of an IPv6 address is missing"};
    host = authority.substr(1, closing - 1);
    const auto rest = authority.substr(closing + 1);
    if (!rest.empty() && rest.front() != ':')
      return error{"expected :PORT after the ] of an IPv6 address"};
    if (!rest.empty())
      port = rest.substr(1);
  } else {
    const auto parts = split_at(authority, authority.rfind(':'));
    host = parts.left;
    port = parts.right;
    if (host.find(':') != std::string_view::npos)
      return error{"an IPv6 address stands in brackets: [::1]"};
  }
  if (!host.empty())
    into.host = host;
  if (!port || port->empty())
    return done{};
  into.port = read_digits(*port, 65'535);
  if (!into.port || *into.port == 0)
    return error{"the port must be a number from 1 to 65535"};
  return done{};
}

// LOGIN@REST; a password may hold a @, but then not unencoded before a host with a @, so the last.
status take_authority(std::string_view authority, redis_parts& into, std::string_view& host) {
  const auto at = authority.rfind('@');
  host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  return at == std::string_view::npos ? done{} : take_login(authority.substr(0, at), into);
}

status take_unix(std::string_view rest, redis_parts& into) {
  const auto [location, query] = split_at(rest, rest.find('?'));
  const auto slash = location.find('/');
  if (slash == std::string_view::npos)
    return error{"a Unix socket needs a whole path: unix:///run/redis.sock"};
  std::string_view host;
  if (auto taken = take_authority(location.substr(0, slash), into, host); !taken)
    return taken;
  if (!host.empty())
    return error{"a Unix socket has no host: write three slashes, unix:///run/redis.sock"};
  into.path = decode_percent(location.substr(slash));
  if (!into.path)
    return error{"the path holds a % that is no percent-encoding: write % as %25"};
  return take_query(query.value_or(""), into);
}

status take_network(std::string_view rest, redis_parts& into) {
  const auto [location, query] = split_at(rest, rest.find('?'));
  // A password may hold a slash; the path is what follows the last one behind the login.
  const auto at = location.rfind('@');
  const auto slash = location.find('/', at == std::string_view::npos ? 0 : at);
  std::string_view host;
  if (auto taken = take_authority(location.substr(0, slash), into, host); !taken)
    return taken;
  if (auto taken = take_host(host, into); !taken)
    return taken;
  if (slash != std::string_view::npos && slash + 1 < location.size()) {
    if (auto taken = take_database(location.substr(slash + 1), into); !taken)
      return taken;
  }
  return take_query(query.value_or(""), into);
}

} // namespace

result<redis_parts> read_redis_url(std::string_view url) {
  redis_parts out;
  const auto colon = url.find("://");
  const auto scheme = lower_case(url.substr(0, colon == std::string_view::npos ? 0 : colon));
  const auto rest = url.substr(colon == std::string_view::npos ? url.size() : colon + 3);
  if (scheme != "redis" && scheme != "rediss" && scheme != "unix")
    return error{"a Redis URL begins with redis://, rediss:// or unix://"};
  if (scheme == "rediss")
    out.tls = true;
  const auto taken = scheme == "unix" ? take_unix(rest, out) : take_network(rest, out);
  if (!taken)
    return taken.failure();
  return out;
}

std::string_view object_to_key_prefix(std::string_view text) {
  const auto unfit = [](char c) {
    return c == '{' || c == '}' || c == 0x7F || static_cast<unsigned char>(c) <= ' ';
  };
  return std::any_of(text.begin(), text.end(), unfit)
             ? "option `keyPrefix` takes no braces (they are Redis Cluster's hash tags), blanks or "
               "control characters"
             : "";
}

bool is_address_family(std::int64_t family) {
  return family == 0 || family == 4 || family == 6;
}

std::optional<std::int64_t> read_digits(std::string_view text, std::int64_t most) {
  std::int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || stop != end || value < 0 || value > most)
    return std::nullopt;
  return value;
}

} // namespace tocsin
