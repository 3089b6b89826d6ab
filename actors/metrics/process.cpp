#include "actors/metrics/process.hpp"

#include "actors/metrics/registry.hpp"

#include <cmath>
#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace tocsin {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string read_text(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The numbers of /proc/self/stat from its third column on (proc(5) counts from 1). The second is
// the program's name in parentheses and may hold anything.
double stat_column(std::size_t column) {
  const std::string text = read_text("/proc/self/stat");
  const auto name_end = text.rfind(") ");
  if (name_end == std::string::npos) {
    return unknown;
  }
  std::istringstream rest(text.substr(name_end + 2));
  std::string word;
  for (std::size_t i = 3; i <= column; ++i) {
    rest >> word;
  }
  return rest ? std::strtod(word.c_str(), nullptr) : unknown;
}

double ticks_per_second() {
  return static_cast<double>(sysconf(_SC_CLK_TCK));
}

double cpu_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) {
    return unknown;
  }
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double start_time() {
  const std::string text = read_text("/proc/stat");
  const auto at = text.find("btime ");
  if (at == std::string::npos) {
    return unknown;
  }
  return std::strtod(text.c_str() + at + 6, nullptr) + stat_column(22) / ticks_per_second();
}

double open_fds() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) {
    return unknown;
  }
  double count = 0;
  while (const dirent* entry = readdir(folder)) {
    count += entry->d_name[0] != '.' ? 1 : 0;
  }
  closedir(folder);
  return count - 1; // the folder itself
}

double max_fds() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return unknown;
  }
  return limit.rlim_cur == RLIM_INFINITY ? HUGE_VAL : static_cast<double>(limit.rlim_cur);
}

} // namespace

double resident_bytes() {
  return stat_column(24) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void add_process_metrics(metric_registry& registry) {
  registry.add_callback(metric_type::gauge, "process_resident_memory_bytes",
                        "Resident memory size in bytes.", resident_bytes);
  registry.add_callback(metric_type::gauge, "process_virtual_memory_bytes",
                        "Virtual memory size in bytes.", [] { return stat_column(23); });
  registry.add_callback(metric_type::counter, "process_cpu_seconds_total",
                        "User and system CPU time spent in seconds.", cpu_seconds);
  registry.add_callback(metric_type::gauge, "process_open_fds", "Number of open file descriptors.",
                        open_fds);
  registry.add_callback(metric_type::gauge, "process_max_fds",
                        "Most file descriptors that may be open.", max_fds);
  registry.add_callback(metric_type::gauge, "process_threads", "Number of threads.",
                        [] { return stat_column(20); });
  registry.add_callback(metric_type::gauge, "process_start_time_seconds",
                        "Start time of the process since the Unix epoch in seconds.",
                        [start = start_time()] { return start; });
}

} // namespace tocsin
