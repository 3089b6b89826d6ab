#pragma once

#include <compare>
#include <cstdint>

namespace tocsin {

/// A place in the log: the id of an entry, as Redis streams order them. The zero position stands
/// before every entry.
struct log_position {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;

  friend auto operator<=>(const log_position&, const log_position&) = default;
};

} // namespace tocsin
