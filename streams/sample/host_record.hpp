#pragma once

#include "config/result.hpp"
#include "streams/window/log_position.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tocsin {

/// What the registry in Redis keeps of a host: everything that the log may no longer tell.
struct host_record {
  log_position since;            ///< the entry that made it known
  std::int64_t last_ms = 0;      ///< start of the tick of its last sample, when it fell silent
  std::int64_t non_blind_ms = 0; ///< time in non-blind ticks sealed up to that tick
  std::string labels;            ///< JSON object; empty: none
  std::vector<std::pair<std::string, std::int64_t>> first_ms; ///< field → start of its first tick

  friend bool operator==(const host_record&, const host_record&) = default;
};

/// One JSON object:
/// {"since":"ms-seq","last":ms,"nonBlindMs":ms,"labels":"{…}","first":{"field":ms,…}}.
std::string write_host_record(const host_record&);

/// Reads what write_host_record wrote. Reuses its memory.
class host_record_reader {
public:
  host_record_reader();
  ~host_record_reader();
  result<host_record> read(std::string_view json);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace tocsin
