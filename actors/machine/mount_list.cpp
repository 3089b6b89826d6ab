#include "actors/machine/mount_list.hpp"

#include "actors/machine/proc_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace tocsin {

namespace {

using proc_text::take_number;
using proc_text::take_until;

constexpr std::array on_disks{"bcachefs", "btrfs", "exfat", "ext2",   "ext3", "ext4",  "f2fs",
                              "hfsplus",  "jffs2", "jfs",   "nilfs2", "ntfs", "ntfs3", "reiserfs",
                              "ubifs",    "ufs",   "vfat",  "xfs",    "zfs"};

// The kernel answers for these without anybody's help.
constexpr std::array other_prompt{"bpf",       "cgroup",  "cgroup2",  "configfs",   "cramfs",
                                  "debugfs",   "devpts",  "devtmpfs", "efivarfs",   "erofs",
                                  "hugetlbfs", "iso9660", "mqueue",   "overlay",    "proc",
                                  "pstore",    "ramfs",   "rootfs",   "securityfs", "selinuxfs",
                                  "squashfs",  "sysfs",   "tmpfs",    "tracefs",    "udf"};

constexpr std::array busy_folders{"/dev",
                                  "/proc",
                                  "/run",
                                  "/sys",
                                  "/var/lib/containerd",
                                  "/var/lib/containers",
                                  "/var/lib/docker",
                                  "/var/lib/kubelet"};

struct mount_line {
  std::uint32_t major = 0, minor = 0;
  std::string point;
  std::string type;
};

bool holds(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<std::uint32_t> take_device_part(std::string_view& text) {
  const auto number = take_number(text);
  return number && *number <= UINT32_MAX ? std::optional(static_cast<std::uint32_t>(*number))
                                         : std::nullopt;
}

// "36 35 98:0 /part /mnt/a rw,noatime shared:1 - ext4 /dev/sda1 rw": number, parent's number,
// device, part of the file system, mount point, options, any number of tags up to the dash, type.
std::optional<mount_line> read_line(std::string_view line) {
  mount_line out;
  take_until(line, ' ');
  take_until(line, ' ');
  std::string_view device = take_until(line, ' ');
  const auto major = take_device_part(device);
  if (!major || !device.starts_with(':')) {
    return std::nullopt;
  }
  device.remove_prefix(1);
  const auto minor = take_device_part(device);
  if (!minor || !device.empty()) {
    return std::nullopt;
  }
  take_until(line, ' ');
  out.major = *major;
  out.minor = *minor;
  out.point = replace_octal_escapes(take_until(line, ' '));
  take_until(line, ' ');
  while (!line.empty() && take_until(line, ' ') != "-") {
  }
  out.type = take_until(line, ' ');
  if (!out.point.starts_with('/') || out.type.empty()) {
    return std::nullopt;
  }
  return out;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool is_local(const mount_line& mount) {
  if (mount.type == "overlay") {
    return mount.point == "/";
  }
  if (mount.type == "tmpfs") {
    return mount.point == "/" || mount.point == "/tmp";
  }
  return holds(on_disks, mount.type);
}

bool may_wait(std::string_view type) {
  return !holds(on_disks, type) && !holds(other_prompt, type);
}

// By mount point. The second is where a path may have to wait.
struct mount_table {
  std::map<std::string, mount_line> last;
  std::vector<std::string> waits, on_demand;
};

mount_table read_table(std::string_view mountinfo) {
  mount_table out;
  while (!mountinfo.empty()) {
    auto mount = read_line(take_until(mountinfo, '\n'));
    if (!mount) {
      continue;
    }
    if (mount->type == "autofs") {
      out.on_demand.push_back(mount->point);
    }
    if (may_wait(mount->type) && mount->point != "/") {
      out.waits.push_back(mount->point);
    }
    auto point = mount->point;
    out.last.insert_or_assign(std::move(point), std::move(*mount));
  }
  std::sort(out.waits.begin(), out.waits.end());
  std::sort(out.on_demand.begin(), out.on_demand.end());
  return out;
}

// Whether a folder of the path, from the root on, is one of `sorted`.
bool leads_through(std::string_view path, const std::vector<std::string>& sorted) {
  for (auto end = path.find('/', 1); end != std::string_view::npos; end = path.find('/', end + 1)) {
    if (std::binary_search(sorted.begin(), sorted.end(), path.substr(0, end))) {
      return true;
    }
  }
  return false;
}

bool is_listed(const mount_line& mount, const mount_table& table) {
  const auto below = [&](const char* folder) { return is_below(mount.point, folder); };
  return is_local(mount) && std::none_of(busy_folders.begin(), busy_folders.end(), below) &&
         !leads_through(mount.point, table.waits) &&
         !std::binary_search(table.on_demand.begin(), table.on_demand.end(), mount.point);
}

} // namespace

std::string replace_octal_escapes(std::string_view text) {
  std::string out;
  const auto digit = [&](std::size_t at, char most) { return text[at] >= '0' && text[at] <= most; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 3 < text.size() && digit(at + 1, '3') && digit(at + 2, '7') &&
        digit(at + 3, '7')) {
      out += static_cast<char>((text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 +
                               (text[at + 3] - '0'));
      at += 3;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::vector<local_disk> read_mounts(std::string_view mountinfo) {
  const mount_table table = read_table(mountinfo);
  std::map<std::pair<std::uint32_t, std::uint32_t>, local_disk> disks;
  for (const auto& [point, mount] : table.last) {
    if (!is_listed(mount, table)) {
      continue;
    }
    local_disk& disk = disks[{mount.major, mount.minor}];
    disk.major = mount.major;
    disk.minor = mount.minor;
    disk.marks_files = mount.type != "btrfs";
    disk.points.push_back(point);
  }
  std::vector<local_disk> out;
  for (auto& [device, disk] : disks) {
    std::stable_sort(disk.points.begin(), disk.points.end(),
                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
    out.push_back(std::move(disk));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.points.front() < b.points.front(); });
  return out;
}

} // namespace tocsin
