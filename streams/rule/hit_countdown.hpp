#pragma once

#include "streams/window/column_memory.hpp"
#include "streams/window/column_ops.hpp"

namespace tocsin {

/// Whether some value of a sliding window meets a condition, for the 1,024 hosts of a block: "max
/// >= t" holds while a value >= t stands in the window, "min >= t" while none < t does. Instead of
/// the extremum itself, one count per host is kept: for how many more ticks its last hit stands in
/// the window. O(hosts) per tick and one byte per host (two for windows over 255 ticks), whatever
/// the window's length, and nothing while all hosts or none of them hit.
class hit_countdown {
public:
  hit_countdown(std::int64_t window_ticks, std::pmr::memory_resource* memory)
      : window_(static_cast<std::uint16_t>(window_ticks)), memory_(memory) {}

  /// Forgets all hits.
  void reset();

  /// A tick goes by. `started`: all hosts that can hit.
  void step(const host_mask& hits, const host_mask& started);
  /// A hit, `ticks_ago` before the tick of the last step, comes to be known late.
  void late_hit(std::size_t host, std::int64_t ticks_ago);
  void clear_host(std::size_t host);

  /// Hosts with a hit in the window.
  const host_mask& alive() const { return alive_; }

private:
  bool wide() const { return window_ > 255; }
  bool step_uniform(const host_mask& hits, const host_mask& started);
  void spread();
  void set(std::size_t host, std::uint16_t left);

  std::uint16_t window_;
  std::pmr::memory_resource* memory_;
  // While all hosts with a hit had their last one at the same tick, its count stands here and
  // the hosts are those of alive_; the columns mean nothing then.
  bool uniform_ = true;
  std::uint16_t left_ = 0;
  host_mask alive_{};
  struct alignas(64) bytes : std::array<std::uint8_t, block_hosts> {};
  struct alignas(64) words : std::array<std::uint16_t, block_hosts> {};
  memory_ptr<bytes> left_8_;
  memory_ptr<words> left_16_;
};

} // namespace tocsin
