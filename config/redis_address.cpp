#include "config/redis_address.hpp"

#include "config/json_document.hpp"
#include "config/redis_url.hpp"

#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <sys/un.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

error wrong_option(std::string_view key, std::string_view what) {
  return {fmt::format("option `{}` must be {}", key, what)};
}

// Where, but not what: the message of a syntax error may quote the text, which may be a password.
std::string no_json(std::string_view what, const json_error& why) {
  return fmt::format("the {} could not be read as JSON: see line {}, column {}", what,
                     why.place.line, why.place.column);
}

// A whole number from 0 to most, as a number or, as environments often have it, a string.
std::optional<std::int64_t> read_whole(const json_node& node, std::int64_t most) {
  if (node.type == kind::string)
    return read_digits(node.text, most);
  if (node.type != kind::number || node.number != std::floor(node.number) || node.number < 0 ||
      node.number > static_cast<double>(most))
    return std::nullopt;
  return static_cast<std::int64_t>(node.number);
}

// Only takes what is not set yet: of two places the first to say something counts.
status take_text(const json_node& object, std::string_view key, std::optional<std::string>& into) {
  const auto* member = object.find(key);
  if (!member || member->value.type == kind::null)
    return done{};
  if (member->value.type != kind::string)
    return wrong_option(key, "a string");
  if (!into)
    into = member->value.text;
  return done{};
}

status take_whole(const json_node& object, std::string_view key, std::int64_t least,
                  std::int64_t most, std::optional<std::int64_t>& into) {
  const auto* member = object.find(key);
  if (!member || member->value.type == kind::null)
    return done{};
  const auto value = read_whole(member->value, most);
  if (!value || *value < least)
    return wrong_option(key, fmt::format("a whole number from {} to {}", least, most));
  if (!into)
    into = value;
  return done{};
}

status take_tls(const json_node& object, redis_parts& into) {
  const auto* member = object.find("tls");
  if (!member || member->value.type == kind::null)
    return done{};
  if (member->value.type != kind::object && member->value.type != kind::boolean)
    return wrong_option("tls", "an object, true or false");
  if (!into.tls)
    into.tls = member->value.type == kind::object || member->value.boolean;
  return done{};
}

status take_options(const json_node& object, redis_parts& into) {
  constexpr std::int64_t day_ms = 86'400'000;
  if (object.type != kind::object)
    return error{fmt::format("the options must be an object, not {}", object.kind_name())};
  if (object.find("sentinels"))
    return error{"option `sentinels`: Redis Sentinel is not supported, name the primary itself"};
  for (const auto& step :
       {take_text(object, "host", into.host), take_text(object, "path", into.path),
        take_text(object, "username", into.user), take_text(object, "password", into.password),
        take_whole(object, "port", 1, 65'535, into.port),
        take_whole(object, "db", 0, redis_database_max, into.database),
        take_whole(object, "connectTimeout", 1, day_ms, into.connect_timeout_ms),
        take_tls(object, into)}) {
    if (!step)
      return step;
  }
  const auto* nested = object.find("redisOptions"); // where ioredis's Cluster has them
  return nested ? take_options(nested->value, into) : status{done{}};
}

status take_nodes(const json_node& list, redis_parts& into) {
  if (list.type != kind::array || list.items.empty())
    return error{R"(expected a list of nodes such as [{"host":"a","port":7004}])"};
  const auto& first = list.items.front();
  if (first.type != kind::object || !first.find("host"))
    return error{"the first node has no `host`"};
  return take_options(first, into);
}

result<redis_address> assemble(redis_parts parts) {
  redis_address out;
  const bool tls = parts.tls.value_or(false);
  out.via = tls ? redis_address::transport::tls : redis_address::transport::tcp;
  if (parts.path && !parts.path->empty())
    out.via = redis_address::transport::unix_socket;
  out.host = parts.host.value_or(out.host);
  out.port = static_cast<std::uint16_t>(parts.port.value_or(out.port));
  out.path = parts.path.value_or("");
  out.user = parts.user.value_or("");
  out.password = parts.password.value_or("");
  out.database = static_cast<int>(parts.database.value_or(0));
  out.connect_timeout_ms = parts.connect_timeout_ms.value_or(out.connect_timeout_ms);
  if (out.path.size() >= sizeof(::sockaddr_un::sun_path))
    return error{fmt::format("the path of a Unix socket has at most {} bytes, this one {}",
                             sizeof(::sockaddr_un::sun_path) - 1, out.path.size())};
  if (out.host.empty())
    return error{"the host is empty"};
  return out;
}

} // namespace

std::string redis_address::describe() const {
  if (via == transport::unix_socket)
    return fmt::format("unix://{}?db={}", path, database);
  const bool six = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}/{}", via == transport::tls ? "rediss" : "redis",
                     six ? "[" : "", host, six ? "]" : "", port, database);
}

result<redis_address> read_redis_address(std::string_view url, std::string_view options_json) {
  redis_parts parts;
  if (const auto begin = url.find_first_not_of(" \t\r\n");
      begin != std::string_view::npos && url[begin] == '[') {
    const auto list = json_document::read(url);
    if (!list)
      return error{no_json("list of nodes", list.failure())};
    if (const auto taken = take_nodes(list->root(), parts); !taken)
      return taken.failure();
  } else {
    auto read = read_redis_url(url);
    if (!read)
      return read.failure();
    parts = std::move(*read);
  }
  if (options_json.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    const auto options = json_document::read(options_json);
    if (!options)
      return error{no_json("options", options.failure())};
    if (const auto taken = take_options(options->root(), parts); !taken)
      return taken.failure();
  }
  return assemble(std::move(parts));
}

} // namespace tocsin
