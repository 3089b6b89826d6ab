#include "actors/machine/local_metrics.hpp"

#include "config/control_character.hpp"
#include "config/json_text.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <unistd.h>
#include <vector>

namespace tocsin {

namespace {

constexpr std::size_t host_bytes_max = 255;

double two_decimals(double value) {
  return std::round(value * 100) / 100;
}

std::optional<std::uint64_t> read_number(std::string_view& text) {
  const auto start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) {
    return std::nullopt;
  }
  text.remove_prefix(start);
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (ec != std::errc{}) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// What follows `label` on the line that begins with it.
std::optional<std::string_view> line_after(std::string_view text, std::string_view label) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.starts_with(label)) {
      return line.substr(label.size());
    }
    at = end + 1;
  }
  return std::nullopt;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

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
    const auto number = read_number(*line);
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
  const auto total_kb = read_number(*total);
  const auto available_kb = read_number(*available);
  if (!total_kb || !available_kb || *total_kb == 0 || *available_kb > *total_kb) {
    return std::nullopt;
  }
  return memory_state{*total_kb, *available_kb};
}

std::optional<std::uint64_t> read_uptime(std::string_view proc_uptime) {
  return read_number(proc_uptime); // "12345.67 …": whole seconds
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

machine_values machine_meter::take(std::string_view proc_stat, std::string_view proc_meminfo,
                                   std::string_view proc_uptime) {
  machine_values values;
  const auto now = read_cpu_times(proc_stat);
  if (now && before_) {
    values.cpu_usage = cpu_usage(*before_, *now);
  }
  if (now) {
    before_ = now;
  }
  if (const auto memory = read_memory(proc_meminfo)) {
    values.mem_usage = mem_usage(*memory);
    values.mem_free = memory->available_kb;
  }
  values.uptime = read_uptime(proc_uptime);
  return values;
}

machine_values read_machine(machine_meter& meter, const std::string& proc) {
  return meter.take(read_text(proc + "/stat"), read_text(proc + "/meminfo"),
                    read_text(proc + "/uptime"));
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
