#pragma once

#include "config/body_template.hpp"
#include "config/text_map.hpp"
#include "config/text_pattern.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin {

/// What the body of a webhook's request is, where it has no template.
enum class webhook_format : std::uint8_t {
  incident,     ///< the event with its incident object
  alertmanager, ///< what Alertmanager sends to its webhook receivers (version 4)
};

/// The certificate and key, in PEM files, that a client shows; both empty: it shows none.
struct client_certificate {
  std::string cert_file, key_file;

  friend bool operator==(const client_certificate&, const client_certificate&) = default;
};

/// What a label of a rule must be for a webhook to be called.
struct label_condition {
  std::string label;
  text_pattern_list wanted;

  friend bool operator==(const label_condition&, const label_condition&) = default;
};

/// Whether these labels meet all conditions; one that is missing is the empty text.
bool meets(const std::vector<label_condition>&, const text_map& labels);

/// One entry of tocsin.webhooks: a URL that is called about incidents.
struct webhook {
  /// name, else made of the URL: unique, part of the consumer group's name, so that position and
  /// retries survive a change of everything else.
  std::string name;
  /// url: http:// or https://, without user name.
  std::string url;
  /// on, ["opened", "resolved"].
  bool on_opened = true, on_resolved = true, on_watchdog = false;
  /// match, none: an event whose labels do not meet all of them is not sent.
  std::vector<label_condition> match;
  /// headers: sent with each request.
  text_map headers;
  /// secret, or the first line of secretFile; empty: requests are not signed.
  std::string secret;
  /// timeout, 10s, 100 ms to 5 min: for a whole request.
  std::int64_t timeout_ms = 10'000;
  /// format, "incident".
  webhook_format format = webhook_format::incident;
  /// body, none: stands for `format`.
  body_template body;
  /// privateAddresses, false: whether a name in the URL may stand for a loopback, private or
  /// link-local address. An address written in the URL itself (or localhost) is meant.
  bool private_addresses = false;
  /// caFile: authorities for https:// instead of the system's; empty: the system's.
  std::string ca_file;
  /// certFile and keyFile, none.
  client_certificate certificate;

  friend bool operator==(const webhook&, const webhook&) = default;
};

/// One entry of tocsin.alertmanagers. At most one of password and token is there.
struct alertmanager_entry {
  /// The base URL, without slash at its end: part of the consumer group's name.
  std::string url;
  /// username, and password or the first line of passwordFile: basic authentication.
  std::string username, password;
  /// token, or the first line of tokenFile: sent as a bearer token.
  std::string token;
  /// caFile: authorities for https:// instead of the system's; empty: the system's.
  std::string ca_file;
  /// certFile and keyFile, none.
  client_certificate certificate;

  friend bool operator==(const alertmanager_entry&, const alertmanager_entry&) = default;
};

} // namespace tocsin
