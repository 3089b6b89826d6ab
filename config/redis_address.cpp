#include "config/redis_address.hpp"

#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "config/redis_url.hpp"
#include "config/spelling.hpp"

#include <algorithm>
#include <array>
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

status take_flag(const json_node& object, std::string_view key, std::string_view shown,
                 std::optional<bool>& into) {
  const auto* member = object.find(key);
  if (!member || member->value.type == kind::null)
    return done{};
  if (member->value.type != kind::boolean)
    return wrong_option(shown, "true or false");
  if (!into)
    into = member->value.boolean;
  return done{};
}

// PEM text, or a list of such.
status take_authorities(const json_node& tls, std::optional<std::string>& into) {
  const auto* member = tls.find("ca");
  if (!member || member->value.type == kind::null)
    return done{};
  std::string all;
  const bool list = member->value.type == kind::array;
  for (const auto& one : list ? member->value.items : std::vector{member->value}) {
    if (one.type != kind::string || one.text.find("-----BEGIN ") == std::string::npos)
      return wrong_option("tls.ca", "the PEM text of a certificate (-----BEGIN CERTIFICATE-----…), "
                                    "or an array of such");
    all += one.text + '\n';
  }
  if (!into)
    into = std::move(all);
  return done{};
}

status take_tls(const json_node& object, redis_parts& into) {
  const auto* member = object.find("tls");
  if (!member || member->value.type == kind::null)
    return done{};
  const auto& tls = member->value;
  if (tls.type != kind::object && tls.type != kind::boolean)
    return wrong_option("tls", "an object, true or false");
  if (!into.tls)
    into.tls = tls.type == kind::object || tls.boolean;
  constexpr std::array<std::string_view, 3> known = {"rejectUnauthorized", "servername", "ca"};
  for (const auto& option : tls.members)
    if (std::find(known.begin(), known.end(), option.key) == known.end())
      return error{fmt::format("option {} is not supported, and TLS would be another one without "
                               "it: there are {}",
                               quote_for_people("tls." + option.key), list_all(known))};
  if (auto s = take_flag(tls, "rejectUnauthorized", "tls.rejectUnauthorized", into.tls_verify); !s)
    return s;
  if (auto s = take_text(tls, "servername", into.tls_name); !s)
    return wrong_option("tls.servername", "a string");
  return take_authorities(tls, into.tls_ca);
}

status take_key_prefix(const json_node& object, redis_parts& into) {
  if (auto s = take_text(object, "keyPrefix", into.key_prefix); !s)
    return s;
  const auto objection = object_to_key_prefix(into.key_prefix.value_or(""));
  return objection.empty() ? status(done{}) : error{std::string(objection)};
}

status take_family(const json_node& object, redis_parts& into) {
  if (auto s = take_whole(object, "family", 0, 6, into.family); !s)
    return s;
  return is_address_family(into.family.value_or(0)) ? status(done{})
                                                    : wrong_option("family", "4, 6 or 0");
}

// What would lead to another server than is meant, or to one that cannot be used.
status refuse_elsewhere(const json_node& object) {
  if (object.find("sentinels"))
    return error{"option `sentinels`: Redis Sentinel is not supported, name the primary itself"};
  if (const auto* map = object.find("natMap"); map && map->value.type == kind::object)
    return error{"option `natMap` is not supported: name the address that can be reached"};
  if (const auto* flag = object.find("readOnly"); flag && flag->value.boolean)
    return error{"option `readOnly` is not supported: the engine writes, so it needs the primary"};
  return done{};
}

// Options that only say how ioredis itself goes about it.
bool is_of_the_client(std::string_view key) {
  constexpr std::array<std::string_view, 34> keys = {"autoResendUnfulfilledCommands",
                                                     "autoResubscribe",
                                                     "autoPipeliningIgnoredCommands",
                                                     "blockingTimeout",
                                                     "clusterRetryStrategy",
                                                     "commandQueue",
                                                     "connectionName",
                                                     "enableAutoPipelining",
                                                     "enableOfflineQueue",
                                                     "enableReadyCheck",
                                                     "keepAlive",
                                                     "lazyConnect",
                                                     "maxLoadingRetryTime",
                                                     "maxRedirections",
                                                     "maxRetriesPerRequest",
                                                     "monitor",
                                                     "name",
                                                     "noDelay",
                                                     "offlineQueue",
                                                     "protocol",
                                                     "reconnectOnError",
                                                     "replyMapping",
                                                     "retryDelayOnClusterDown",
                                                     "retryDelayOnFailover",
                                                     "retryDelayOnMoved",
                                                     "retryDelayOnTryAgain",
                                                     "retryStrategy",
                                                     "role",
                                                     "scaleReads",
                                                     "showFriendlyErrorStack",
                                                     "slotsRefreshInterval",
                                                     "slotsRefreshTimeout",
                                                     "stringNumbers",
                                                     "disableClientInfo"};
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

void note_ignored(const json_node& object, redis_parts& into) {
  constexpr std::array<std::string_view, 14> read = {
      "host",           "port",      "path", "username",     "password",  "db",     "family",
      "connectTimeout", "keyPrefix", "tls",  "redisOptions", "sentinels", "natMap", "readOnly"};
  for (const auto& option : object.members)
    if (std::find(read.begin(), read.end(), option.key) == read.end() &&
        !is_of_the_client(option.key))
      into.ignored.push_back(option.key);
}

status take_options(const json_node& object, redis_parts& into) {
  constexpr std::int64_t day_ms = 86'400'000;
  if (object.type != kind::object)
    return error{fmt::format("the options must be an object, not {}", object.kind_name())};
  for (const auto& step :
       {refuse_elsewhere(object), take_text(object, "host", into.host),
        take_text(object, "path", into.path), take_text(object, "username", into.user),
        take_text(object, "password", into.password),
        take_whole(object, "port", 1, 65'535, into.port),
        take_whole(object, "db", 0, redis_database_max, into.database),
        take_whole(object, "connectTimeout", 1, day_ms, into.connect_timeout_ms),
        take_family(object, into), take_key_prefix(object, into), take_tls(object, into)}) {
    if (!step)
      return step;
  }
  note_ignored(object, into);
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
  out.family = static_cast<int>(parts.family.value_or(0));
  out.key_prefix = parts.key_prefix.value_or("");
  out.tls = {parts.tls_verify.value_or(true), parts.tls_name.value_or(""),
             parts.tls_ca.value_or("")};
  out.ignored = std::move(parts.ignored);
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
