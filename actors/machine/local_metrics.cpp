#include "actors/machine/local_metrics.hpp"

#include "actors/machine/proc_text.hpp"
#include "config/control_character.hpp"
#include "config/json_text.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <unistd.h>
#include <vector>

namespace tocsin {

namespace {

using proc_text::line_after;
using proc_text::take_number;

constexpr std::size_t host_bytes_max = 255;

} // namespace

std::optional<cpu_times> read_cpu_times(std::string_view proc_stat) {
  auto line = line_after(proc_stat, "cpu ");
  if (!line) {
    return std::nullopt;
  }
  // user nice system idle iowait irq softirq steal; guest and guest_nice, which follow, are in
  // user and nice already. Old kernels have fewer columns, none fewer than four.
  std::vector<std::uint64_t> columns;
  while (columns.size() < 8) {
    const auto number = take_number(*line);
    if (!number) {
      break;
    }
    columns.push_back(*number);
  }
  if (columns.size() < 4) {
    return std::nullopt;
  }
  cpu_times times;
  for (const std::uint64_t jiffies : columns) {
    times.total += jiffies;
  }
  times.idle = columns[3] + (columns.size() > 4 ? columns[4] : 0);
  return times;
}

std::optional<memory_state> read_memory(std::string_view proc_meminfo) {
  auto total = line_after(proc_meminfo, "MemTotal:");
  auto available = line_after(proc_meminfo, "MemAvailable:");
  if (!total || !available) {
    return std::nullopt;
  }
  const auto total_kb = take_number(*total);
  const auto available_kb = take_number(*available);
  if (!total_kb || !available_kb || *total_kb == 0 || *available_kb > *total_kb) {
    return std::nullopt;
  }
  return memory_state{*total_kb, *available_kb};
}

std::optional<std::uint64_t> read_uptime(std::string_view proc_uptime) {
  return take_number(proc_uptime); // "12345.67 …": whole seconds
}

std::optional<double> read_load(std::string_view proc_loadavg) {
  double load = 0;
  const auto end = proc_loadavg.data() + proc_loadavg.size();
  if (std::from_chars(proc_loadavg.data(), end, load).ec != std::errc{} || !std::isfinite(load) ||
      load < 0) {
    return std::nullopt;
  }
  return load;
}

std::size_t count_cpus(std::string_view proc_stat) {
  std::size_t cpus = 0;
  while (!proc_stat.empty()) {
    std::string_view line = proc_text::take_until(proc_stat, '\n');
    if (line.starts_with("cpu")) {
      line.remove_prefix(3);
      cpus += !line.empty() && line.front() >= '0' && line.front() <= '9';
    }
  }
  return cpus;
}

std::optional<double> swap_usage(std::string_view proc_meminfo) {
  auto total = line_after(proc_meminfo, "SwapTotal:");
  auto free = line_after(proc_meminfo, "SwapFree:");
  if (!total || !free) {
    return std::nullopt;
  }
  const auto total_kb = take_number(*total);
  const auto free_kb = take_number(*free);
  if (!total_kb || !free_kb || *total_kb == 0 || *free_kb > *total_kb) {
    return std::nullopt;
  }
  return percent_of(static_cast<double>(*total_kb - *free_kb), static_cast<double>(*total_kb));
}

std::optional<double> cpu_usage(const cpu_times& before, const cpu_times& now) {
  if (now.total <= before.total) {
    return std::nullopt;
  }
  const std::uint64_t total = now.total - before.total;
  const std::uint64_t idle = now.idle > before.idle ? now.idle - before.idle : 0;
  if (idle >= total) {
    return 0.0;
  }
  return two_decimals(100 * static_cast<double>(total - idle) / static_cast<double>(total));
}

std::optional<double> mem_usage(const memory_state& memory) {
  if (memory.total_kb == 0) {
    return std::nullopt;
  }
  return two_decimals(100 - 100 * static_cast<double>(memory.available_kb) /
                                static_cast<double>(memory.total_kb));
}

machine_values machine_meter::take(const machine_texts& texts, const machine_view& view) {
  machine_values values;
  const auto now = read_cpu_times(texts.stat);
  if (now && before_) {
    values.cpu_usage = cpu_usage(*before_, *now);
  }
  if (now) {
    before_ = now;
  }
  if (const auto memory = read_memory(texts.meminfo)) {
    values.mem_usage = mem_usage(*memory);
    values.mem_free = memory->available_kb;
  }
  values.uptime = read_uptime(texts.uptime);
  if (const auto load = read_load(texts.loadavg)) {
    values.fields.push_back({"load.1m", *load});
    if (const auto cpus = count_cpus(texts.stat); cpus > 0) {
      values.fields.push_back({"load.perCore", two_decimals(*load / static_cast<double>(cpus))});
    }
  }
  if (const auto usage = swap_usage(texts.meminfo)) {
    values.fields.push_back({"swap.usage", *usage});
  }
  interfaces_.take(texts.net_dev, texts.steady_us, view.is_up, values.fields);
  disks_.take(texts.mountinfo, view.look_at_disk, values.fields);
  return values;
}

std::vector<std::string> machine_meter::remarks() {
  auto all = interfaces_.remarks().take();
  for (std::string& text : disks_.remarks().take()) {
    all.push_back(std::move(text));
  }
  return all;
}

result<std::string> local_host_name() {
  char name[host_bytes_max + 1] = {};
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') {
    return error{"this machine has no host name; give one with --host NAME"};
  }
  return std::string(name);
}

std::string sample_json(std::string_view host, std::int64_t ts_ms, const machine_values& values) {
  std::string out = fmt::format("{{\"host\":{},\"ts\":{}", quote_json(host), ts_ms);
  const auto to = std::back_inserter(out);
  if (values.uptime) {
    fmt::format_to(to, ",\"uptime\":{}", *values.uptime);
  }
  if (values.cpu_usage) {
    fmt::format_to(to, ",\"cpu\":{{\"usage\":{}}}", *values.cpu_usage);
  }
  if (values.mem_usage && values.mem_free) {
    fmt::format_to(to, ",\"mem\":{{\"usage\":{},\"free\":{}}}", *values.mem_usage,
                   *values.mem_free);
  }
  for (const auto& [name, value] : values.fields) {
    fmt::format_to(to, ",{}:{}", quote_json(name), value);
  }
  out += '}';
  return out;
}

std::string leave_json(std::string_view host, std::int64_t ts_ms) {
  return fmt::format("{{\"host\":{},\"ts\":{},\"gone\":true}}", quote_json(host), ts_ms);
}

status check_host_name(std::string_view host) {
  if (host.empty() || host.size() > host_bytes_max) {
    return error{
        fmt::format("a host's name has 1 to {} bytes, not {}", host_bytes_max, host.size())};
  }
  if (holds_control_character(host)) {
    return error{"a host's name holds no control characters"};
  }
  if (find_bad_utf8(host)) {
    return error{"a host's name is valid UTF-8"};
  }
  return done{};
}

} // namespace tocsin
