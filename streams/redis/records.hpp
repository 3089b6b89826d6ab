#pragma once

#include "streams/redis/reply.hpp"
#include "streams/redis/stream_id.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::redis {

/// How far a partition is committed: the `progress` hash, compared as a whole.
struct progress_mark {
  std::string tick;          ///< end of the tick, ms
  std::string part;          ///< "k/m": part k of the m parts of that tick
  std::string log_id;        ///< position in the log at its seal
  std::string rules;         ///< hash of the rule set
  std::string last_event_id; ///< of the last event committed so far, "0-0" before the first

  friend bool operator==(const progress_mark&, const progress_mark&) = default;
};

/// One row of `ticks`: a seal, so that nobody decides it again. Its id is `end_ms-0`.
struct tick_row {
  std::int64_t end_ms = 0;
  std::string log_id;
  bool blind = false;
  std::int64_t non_blind = 0;
  std::string rules;
  std::vector<field_value> extra; ///< fields beside logId, blind, nonBlind, rules

  friend bool operator==(const tick_row&, const tick_row&) = default;
};

/// An entry of a stream with all its fields.
struct stream_entry {
  stream_id id;
  std::vector<field_value> fields;

  friend bool operator==(const stream_entry&, const stream_entry&) = default;
};

} // namespace tocsin::redis
