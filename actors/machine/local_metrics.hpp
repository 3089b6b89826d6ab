#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tocsin {

/// Jiffies over all CPUs since boot.
struct cpu_times {
  std::uint64_t idle = 0; ///< idle and iowait
  std::uint64_t total = 0;
};

struct memory_state {
  std::uint64_t total_kb = 0;
  std::uint64_t available_kb = 0;
};

/// What one sample of this machine holds; what could not be read is absent.
struct machine_values {
  std::optional<double> cpu_usage;       ///< %, two decimals
  std::optional<double> mem_usage;       ///< %, two decimals
  std::optional<std::uint64_t> mem_free; ///< KB that programs could still get (MemAvailable)
  std::optional<std::uint64_t> uptime;   ///< s since boot
};

/// Readers of the texts of /proc/stat, /proc/meminfo and /proc/uptime; none where the text does
/// not hold what it should.
std::optional<cpu_times> read_cpu_times(std::string_view proc_stat);
std::optional<memory_state> read_memory(std::string_view proc_meminfo);
std::optional<std::uint64_t> read_uptime(std::string_view proc_uptime);

/// The share of the time between two readings that the CPUs were not idle, in %, two decimals.
/// None where no time passed. Counters that went back (iowait may) count as not having moved.
std::optional<double> cpu_usage(const cpu_times& before, const cpu_times& now);

/// 100 − available/total in %, two decimals.
std::optional<double> mem_usage(const memory_state& memory);

/// Turns readings into values. It keeps the CPU reading before; the first call has no cpu.usage,
/// for the mean since boot says nothing about now.
class machine_meter {
public:
  machine_values take(std::string_view proc_stat, std::string_view proc_meminfo,
                      std::string_view proc_uptime);

private:
  std::optional<cpu_times> before_;
};

/// The same from /proc. `proc` is where it is mounted.
machine_values read_machine(machine_meter& meter, const std::string& proc = "/proc");

/// The machine's name, from gethostname.
result<std::string> local_host_name();

/// One sample line without a line break, in the shape that Botpress's nodes report:
/// {"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},"mem":{…}}.
std::string sample_json(std::string_view host, std::int64_t ts_ms, const machine_values& values);

/// The sample with which a host takes its leave.
std::string leave_json(std::string_view host, std::int64_t ts_ms);

/// Why `host` cannot be a host's name (1–255 bytes of UTF-8 without control characters).
status check_host_name(std::string_view host);

} // namespace tocsin
