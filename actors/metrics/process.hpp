#pragma once

namespace tocsin {

class metric_registry;

/// Registers what Prometheus's own clients report about their process, read from /proc/self at
/// each exposition: process_resident_memory_bytes, process_virtual_memory_bytes,
/// process_cpu_seconds_total, process_open_fds, process_max_fds, process_threads and
/// process_start_time_seconds. What cannot be read is exposed as NaN.
void add_process_metrics(metric_registry& registry);

/// Resident memory of this process; NaN where it cannot be read.
double resident_bytes();

} // namespace tocsin
