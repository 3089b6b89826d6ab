#pragma once

#include "actors/machine/disk_meter.hpp"
#include "actors/machine/measured_field.hpp"
#include "actors/machine/net_meter.hpp"
#include "config/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  /// Load, swap, interfaces and disks, in this order.
  std::vector<measured_field> fields = {};
};

/// Readers of the texts of /proc/stat, /proc/meminfo and /proc/uptime; none where the text does
/// not hold what it should.
std::optional<cpu_times> read_cpu_times(std::string_view proc_stat);
std::optional<memory_state> read_memory(std::string_view proc_meminfo);
std::optional<std::uint64_t> read_uptime(std::string_view proc_uptime);
/// The load average of one minute.
std::optional<double> read_load(std::string_view proc_loadavg);
/// How many CPUs are online: those that /proc/stat lists. The load average is of all of them, also
/// where this process may use fewer.
std::size_t count_cpus(std::string_view proc_stat);
/// % of the swap that is used, two decimals; none without swap.
std::optional<double> swap_usage(std::string_view proc_meminfo);

/// The share of the time between two readings that the CPUs were not idle, in %, two decimals.
/// None where no time passed. Counters that went back (iowait may) count as not having moved.
std::optional<double> cpu_usage(const cpu_times& before, const cpu_times& now);

/// 100 − available/total in %, two decimals.
std::optional<double> mem_usage(const memory_state& memory);

/// What /proc says at one moment. A file that cannot be read is empty.
struct machine_texts {
  std::string stat = {}, meminfo = {}, uptime = {}, loadavg = {};
  std::string net_dev = {}, mountinfo = {};
  std::int64_t steady_us = 0; ///< the moment, of a clock that never goes back
};

/// What the system is asked beside the texts.
struct machine_view {
  disk_meter::look look_at_disk;
  net_meter::ask is_up;
};

/// Turns readings into values. It keeps the counters of the reading before; the first call has no
/// cpu.usage and no rates, for the mean since boot says nothing about now.
class machine_meter {
public:
  machine_values take(const machine_texts& texts, const machine_view& view);

  /// What the log is to say of the last reading.
  std::vector<std::string> remarks();

private:
  std::optional<cpu_times> before_;
  net_meter interfaces_;
  disk_meter disks_;
};

/// The same from /proc, which is mounted at `proc`, and from the system; remarks go to the log. It
/// waits for no other machine and no other program: what might is not looked at.
machine_values read_machine(machine_meter& meter, const std::string& proc = "/proc");

/// The machine's name, from gethostname.
result<std::string> local_host_name();

/// One sample line without a line break, in the shape that Botpress's nodes report:
/// {"host":"node-7","ts":1700000000000,"uptime":3600,"cpu":{"usage":12.5},"mem":{…}}, and behind
/// that every other field under its whole name. At most 4 + 2 + 1 + 3 · 8 + 2 · 16 = 63 fields.
std::string sample_json(std::string_view host, std::int64_t ts_ms, const machine_values& values);

/// The sample with which a host takes its leave.
std::string leave_json(std::string_view host, std::int64_t ts_ms);

/// Why `host` cannot be a host's name (1–255 bytes of UTF-8 without control characters).
status check_host_name(std::string_view host);

} // namespace tocsin
