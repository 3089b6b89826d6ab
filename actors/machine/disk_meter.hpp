#pragma once

#include "actors/machine/measured_field.hpp"
#include "actors/machine/mount_list.hpp"
#include "config/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// What statvfs says of a file system. Blocks are of one size, whatever that is.
struct disk_space {
  std::uint64_t blocks = 0, free_blocks = 0;
  std::uint64_t available_blocks = 0; ///< free ones that users may have, too
  std::uint64_t inodes = 0, free_inodes = 0;
};

/// % used as df computes it, of what users may have: used / (used + available), two decimals. None
/// where there are no blocks, or more free ones than there are.
std::optional<double> disk_usage(const disk_space& space);

/// % of the inodes that are used; none where the file system counts none (btrfs, vfat).
std::optional<double> inode_usage(const disk_space& space);

/// Turns the list of mounts into fields: `disk.usage./var` and `disk.inodes./var`.
///
/// 1. Each local file system once, at its shortest mount point that can be looked at.
/// 2. At most `disks_max` file systems, the first by name, and `looks_max` looks a reading.
/// 3. What is left out is said once, with the reason.
class disk_meter {
public:
  static constexpr std::size_t disks_max = 16;
  static constexpr std::size_t looks_max = 64;

  /// What is mounted at a point of a disk, or why that cannot be said.
  using look = std::function<result<disk_space>(const local_disk&, const std::string& point)>;

  void take(std::string_view mountinfo, const look& look_at, std::vector<measured_field>& out);

  said_once& remarks() { return remarks_; }

private:
  bool measure(const local_disk& disk, const look& look_at, std::vector<measured_field>& out);

  said_once remarks_;
  std::size_t looks_ = 0; // of this reading
};

} // namespace tocsin
