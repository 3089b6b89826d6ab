#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin {

/// A local file system and where it is mounted.
struct local_disk {
  std::uint32_t major = 0, minor = 0;
  /// Whether its files carry that device number. Those of btrfs carry one of their subvolume.
  bool marks_files = true;
  std::vector<std::string> points; ///< the shortest first, of equal ones by name; never empty
};

/// The local file systems of the text of /proc/self/mountinfo, each once, by the name of their
/// first mount point. Lines that are no mounts are skipped.
///
/// 1. A file system is local if its type is one of a list: those on disks, an overlay at `/`, a
///    tmpfs at `/` or `/tmp`. Read-only images (squashfs, iso9660, erofs) are always full, and not
///    on it.
/// 2. Nothing is listed whose path leads through a mount that may wait for somebody: every type but
///    those that the kernel is known to answer for alone (so NFS, CIFS, FUSE). A root of
///    such a type does not count: without it nothing runs. What is mounted on demand (autofs) is
///    not listed at all, for a look would keep it mounted.
/// 3. Mount points below the folders in which containers, pods and sessions come and go are left
///    out: /dev, /proc, /run, /sys, /var/lib/containerd, containers, docker, kubelet.
/// 4. Of several mounts on one point the last counts.
std::vector<local_disk> read_mounts(std::string_view mountinfo);

/// The text with `\040` and other octal escapes of bytes replaced.
std::string replace_octal_escapes(std::string_view text);

} // namespace tocsin
