#pragma once

#include "config/text_map.hpp"

#include <cstdint>
#include <string>

namespace tocsin {

/// What the body of a webhook's request is.
enum class webhook_format : std::uint8_t {
  incident,     ///< the event with its incident object
  alertmanager, ///< what Alertmanager sends to its webhook receivers (version 4)
};

/// One entry of tocsin.webhooks: a URL that is called about incidents.
struct webhook {
  /// name, else made of the URL: unique, part of the consumer group's name, so that position and
  /// retries survive a change of everything else.
  std::string name;
  /// url: http:// or https://, without user name.
  std::string url;
  /// on, ["opened", "resolved"].
  bool on_opened = true, on_resolved = true;
  /// headers: sent with each request.
  text_map headers;
  /// secret, or the first line of secretFile; empty: requests are not signed.
  std::string secret;
  /// timeout, 10s, 100 ms to 5 min: for a whole request.
  std::int64_t timeout_ms = 10'000;
  /// format, "incident".
  webhook_format format = webhook_format::incident;
  /// privateAddresses, false: whether a name in the URL may stand for a loopback, private or
  /// link-local address. An address written in the URL itself (or localhost) is meant.
  bool private_addresses = false;
  /// caFile: authorities for https:// instead of the system's; empty: the system's.
  std::string ca_file;

  friend bool operator==(const webhook&, const webhook&) = default;
};

} // namespace tocsin
