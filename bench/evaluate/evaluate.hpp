#pragma once

#include "streams/window/tick.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Measures the kernel alone: windows, rule plan, life cycle of incidents, on the standard
/// workload. No samples are parsed, nothing is read or written: rows are put into the tick ring
/// outside the measured time.
namespace tocsin::evaluate {

struct options {
  std::size_t hosts = 10'000;
  std::size_t rules = 1'000;
  std::int64_t ticks = 20;       ///< measured ones
  double fire = 0.01;            ///< share of hosts that breach a rule
  std::int64_t window_ticks = 0; ///< 0: mixed
  bool distinct = false;         ///< every rule has a window column of its own
  std::optional<double> flip;    ///< share of pairs whose verdict changes at each tick
  bool verify = false;           ///< compare every verdict change with a scalar scan
  std::size_t threads = 0;       ///< 0: as many as the machine has cores
};

struct report {
  options of;
  std::uint64_t checks = 0; ///< rules × hosts × ticks
  double wall_s = 0;
  double cpu_s = 0; ///< both of:
  double check_cpu_s = 0;
  double life_cycle_cpu_s = 0;
  double tick_ms_p50 = 0, tick_ms_p99 = 0, tick_ms_max = 0;
  double bytes_per_host_field_tick = 0; ///< growth of the peak RSS, all state included
  std::string simd_target;
  std::uint64_t verdict_checksum = 0; ///< over (tick, rule, host, verdict, value) of every change
  std::uint64_t changes = 0;
  std::uint64_t opened = 0, resolved = 0;
  std::size_t columns = 0;
  std::optional<std::uint64_t> naive_checksum; ///< with `verify`: what the scan finds

  double checks_per_cpu_second() const { return static_cast<double>(checks) / cpu_s; }
  bool verified() const { return !naive_checksum || *naive_checksum == verdict_checksum; }

  std::string json() const;
  std::string text() const; ///< for people
};

/// Told how far it is, now and then; may be empty.
using progress = std::function<void(const std::string& what)>;

report run(const options&, const progress&);

} // namespace tocsin::evaluate
