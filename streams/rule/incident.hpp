#pragma once

#include "config/rule.hpp"
#include "streams/rule/iso_time.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// Why an incident was resolved.
enum class resolution : std::uint8_t {
  recovered,    ///< "recovered"
  no_data,      ///< "no-data": the window had no value
  rule_removed, ///< "rule-removed"
  host_gone,    ///< "host-gone": the host took its leave
  host_expired, ///< "host-expired": the host was silent for too long
};
std::string_view to_string(resolution);

/// An incident of one rule and one host was opened or resolved.
struct incident_event {
  bool opened = true;
  std::string id; ///< 22 characters of URL-safe base64
  rule about;     ///< as it was when the event happened
  std::string host;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0; ///< when resolved; of an opened event 0
  double trigger_value = 0;
  resolution reason = resolution::recovered; ///< when resolved
  std::int64_t cooldown_until_ms = 0;        ///< when resolved; 0: nothing cools down
  std::string annotations{};                 ///< filled, a JSON object; empty: none

  friend bool operator==(const incident_event&, const incident_event&) = default;
};

/// The same without its id, as something else holds it.
struct event_view {
  bool opened = true;
  const rule* about = nullptr;
  std::string_view host;
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;
  double trigger_value = 0;
  resolution reason = resolution::recovered;
  std::int64_t cooldown_until_ms = 0;
  std::string_view annotations{}; ///< filled already, a JSON object; empty: the rule's are to be
};

/// The id of an incident: the same after a crash, a replay or a take-over. The first 16 bytes of
/// SHA-256 over cluster, rule name, host name and startTime, each preceded by its length in bytes
/// as 4 bytes big-endian, in URL-safe base64 without padding.
std::string incident_id(std::string_view cluster, std::string_view rule_name, std::string_view host,
                        std::int64_t start_ms);

/// SHA-256 over a text.
using digest = std::array<unsigned char, 32>;
digest sha256(std::string_view text);

/// Its first 16 bytes in URL-safe base64 without padding.
std::array<char, 22> short_digest(std::string_view text);

/// Appends a part of what an id is made of: its length, then the part.
void append_with_length(std::string& out, std::string_view part);

/// SHA-256 over a text, as 64 hexadecimal digits: names rule sets.
std::string content_hash(std::string_view text);

/// The event as one JSON object, without a newline: event, id, ruleName, hostName, startTime,
/// endTime (resolved), triggerValue, reason (resolved), and labels and annotations where there are
/// any.
std::string event_json(const incident_event&);

} // namespace tocsin
