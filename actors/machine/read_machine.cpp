// Where the texts of a reading come from, and what the system is asked.

#include "actors/machine/local_metrics.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utility>

namespace tocsin {

namespace {

constexpr std::size_t text_bytes_max = 16u << 20; // 5,000 overlays of 3 KB a line
constexpr std::size_t read_bytes = 64u << 10;

class open_file {
public:
  explicit open_file(int fd) : fd_(fd) {}
  ~open_file() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;

  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

private:
  int fd_;
};

// What is cut off ends with a whole line.
std::string read_text(const std::string& path) {
  std::string text;
  const open_file file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  while (file && text.size() < text_bytes_max) {
    const auto size = text.size();
    text.resize(size + read_bytes);
    const auto got = read(file.fd(), text.data() + size, read_bytes);
    text.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) {
      return text;
    }
  }
  text.erase(text.rfind('\n') + 1);
  return text;
}

error why_not() {
  return error{std::strerror(errno)};
}

// Local file systems answer statvfs from memory, and a mount point itself is in memory, too.
result<disk_space> look_at_disk(const local_disk& disk, const std::string& point) {
  const open_file folder(open(point.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) {
    return why_not();
  }
  struct stat about {};
  struct statvfs space {};
  if (fstat(folder.fd(), &about) != 0 || fstatvfs(folder.fd(), &space) != 0) {
    return why_not();
  }
  if (disk.marks_files &&
      (major(about.st_dev) != disk.major || minor(about.st_dev) != disk.minor)) {
    return error{"another mount hides it"};
  }
  return disk_space{.blocks = space.f_blocks,
                    .free_blocks = space.f_bfree,
                    .available_blocks = space.f_bavail,
                    .inodes = space.f_files,
                    .free_inodes = space.f_ffree};
}

bool is_up(int any_socket, const std::string& interface) {
  ifreq asked{};
  if (interface.size() >= sizeof asked.ifr_name) {
    return false;
  }
  std::memcpy(asked.ifr_name, interface.data(), interface.size());
  if (ioctl(any_socket, SIOCGIFFLAGS, &asked) != 0) {
    return false;
  }
  const auto flags = static_cast<unsigned>(asked.ifr_flags);
  return (flags & IFF_UP) != 0 && (flags & IFF_LOOPBACK) == 0;
}

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

} // namespace

machine_values read_machine(machine_meter& meter, const std::string& proc) {
  const machine_texts texts{.stat = read_text(proc + "/stat"),
                            .meminfo = read_text(proc + "/meminfo"),
                            .uptime = read_text(proc + "/uptime"),
                            .loadavg = read_text(proc + "/loadavg"),
                            .net_dev = read_text(proc + "/self/net/dev"),
                            .mountinfo = read_text(proc + "/self/mountinfo"),
                            .steady_us = steady_us()};
  const open_file asked(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const machine_view view{.look_at_disk = look_at_disk, .is_up = [&](const std::string& interface) {
                            return is_up(asked.fd(), interface);
                          }};
  machine_values values = meter.take(texts, view);
  for (const std::string& remark : meter.remarks()) {
    spdlog::info("agent: {}", remark);
  }
  return values;
}

} // namespace tocsin
