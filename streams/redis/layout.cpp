#include "streams/redis/layout.hpp"

#include <fmt/format.h>
#include <span>
#include <string>

namespace tocsin::redis {

namespace {

struct wanted_key {
  const std::string& name;
  const char* type;
};

status check(connection& c, std::span<const wanted_key> keys) {
  for (const auto& key : keys)
    c.append({"TYPE", key.name});
  const auto replies = c.flush();
  if (!replies)
    return replies.failure();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& [name, type] = keys[i];
    const auto& is = (*replies)[i];
    if (is.is_error())
      return reply_error(c, "TYPE " + name, is);
    if (is.text != "none" && is.text != type)
      return error{
          fmt::format("{}: WRONGTYPE: {} is a {} and no {}: another program wrote it. Move "
                      "it away (RENAME {} {}:foreign) and the engine goes on with what is "
                      "left, or set tocsin.prefix to names that nobody else uses",
                      c.where(), name, is.text, type, name, name)};
  }
  return done{};
}

} // namespace

status check_layout(connection& c, const partition_keys& keys, const cluster_keys& cluster) {
  const wanted_key wanted[] = {{cluster.cluster, "hash"},  {cluster.rules, "hash"},
                               {keys.lease, "hash"},       {keys.progress, "hash"},
                               {keys.ticks, "stream"},     {keys.samples, "stream"},
                               {keys.incidents, "stream"}, {keys.open, "hash"},
                               {keys.cooldowns, "hash"},   {keys.hosts, "hash"}};
  return check(c, wanted);
}

status check_dead_letters(connection& c, const partition_keys& keys) {
  const wanted_key wanted[] = {{keys.hooks_dead, "stream"}, {keys.webhooks_dead, "stream"}};
  return check(c, wanted);
}

} // namespace tocsin::redis
