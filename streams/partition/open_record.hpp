#pragma once

#include "config/result.hpp"
#include "config/rule.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

/// An open incident as it stands in Redis.
struct open_record {
  rule about; ///< name, field, aggregation, operand, threshold, timeframe, labels
  std::string host;
  std::int64_t start_ms = 0;
  double trigger_value = 0;
  std::string annotations{}; ///< filled, a JSON object; empty: none
};

/// Reads what event_writer::open_json() wrote.
result<open_record> read_open_record(std::string_view json);

/// Reads the field of the cooldowns hash: ["rule","host"].
std::optional<std::pair<std::string, std::string>> read_cooldown_field(std::string_view field);

} // namespace tocsin
