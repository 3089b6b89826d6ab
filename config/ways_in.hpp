#pragma once

#include "config/sinks.hpp"

#include <string>

namespace tocsin {

/// tocsin.statsd: where StatsD metrics are heard. Off while neither address is given.
struct statsd_settings {
  /// listen, none: HOST:PORT for UDP.
  std::string listen;
  /// socket, none: path of a Unix datagram socket.
  std::string socket;
  /// host, the engine's own: who reports what has no `host:` tag.
  std::string host;
  /// fields, none: what metrics are called as fields, by their names; others keep theirs.
  text_map fields;

  bool on() const { return !listen.empty() || !socket.empty(); }

  friend bool operator==(const statsd_settings&, const statsd_settings&) = default;
};

/// tocsin.botpress: the Redis of a Botpress Pro cluster, whose samples are followed. Off while no
/// URL is given. Holds secrets: never log it.
struct botpress_settings {
  /// redisUrl, none: as TOCSIN_REDIS_URL is written.
  std::string redis_url;
  /// key, "monitoring": the sorted set in which the nodes store their samples.
  std::string key = "monitoring";

  bool on() const { return !redis_url.empty(); }

  friend bool operator==(const botpress_settings&, const botpress_settings&) = default;
};

} // namespace tocsin
