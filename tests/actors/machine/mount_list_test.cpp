#include "actors/machine/mount_list.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::mount_list_test {
namespace {

std::string mount(const char* device, std::string_view point, const char* type) {
  return fmt::format("36 35 {} / {} rw,noatime shared:1 - {} source rw\n", device, point, type);
}

std::vector<std::string> points(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& disk : read_mounts(text)) {
    out.push_back(disk.points.front());
  }
  return out;
}

using names = std::vector<std::string>;

TEST(read_mounts, lists_local_file_systems_by_name) {
  EXPECT_EQ(points("22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                   "23 22 0:5 / /dev rw - devtmpfs udev rw\n"
                   "24 22 0:20 / /proc rw - proc proc rw\n"
                   "25 22 8:2 / /var rw - xfs /dev/sda2 rw\n"
                   "26 22 8:3 / /boot/efi rw master:1 propagate_from:2 - vfat /dev/sda3 rw\n"
                   "27 22 0:30 / /data rw - zfs pool/data rw\n"),
            (names{"/", "/boot/efi", "/data", "/var"}));
}

TEST(read_mounts, gives_the_device_and_whether_it_marks_files) {
  const auto disks = read_mounts(mount("259:70000", "/", "ext4") + mount("0:40", "/b", "btrfs"));
  ASSERT_EQ(disks.size(), 2u);
  EXPECT_EQ(disks[0].major, 259u);
  EXPECT_EQ(disks[0].minor, 70000u);
  EXPECT_TRUE(disks[0].marks_files);
  EXPECT_FALSE(disks[1].marks_files);
}

TEST(read_mounts, counts_a_device_once_at_its_shortest_mount_point) {
  const auto disks = read_mounts("1 0 8:1 /var/lib /srv/b rw - ext4 /dev/sda1 rw\n"
                                 "2 0 8:1 /x /srv/a rw - ext4 /dev/sda1 rw\n"
                                 "3 0 8:1 / /z rw - ext4 /dev/sda1 rw\n");
  ASSERT_EQ(disks.size(), 1u);
  EXPECT_EQ(disks[0].points, (names{"/z", "/srv/a", "/srv/b"}));
}

TEST(read_mounts, leaves_out_images_and_what_has_no_disk) {
  for (const char* type : {"squashfs", "iso9660", "erofs", "proc", "sysfs", "cgroup2", "nfs4",
                           "cifs", "9p", "fuse.sshfs", "fuseblk", "unheard-of", "ext", "ext44"}) {
    EXPECT_EQ(points(mount("7:1", "/mnt", type)), names{}) << type;
  }
}

TEST(read_mounts, lists_an_overlay_at_the_root_only_and_tmpfs_where_programs_write) {
  EXPECT_EQ(points(mount("0:50", "/", "overlay") + mount("0:51", "/merged", "overlay")),
            names{"/"});
  EXPECT_EQ(points(mount("0:52", "/tmp", "tmpfs") + mount("0:53", "/mnt", "tmpfs")), names{"/tmp"});
  EXPECT_EQ(points(mount("0:52", "/", "tmpfs")), names{"/"});
}

TEST(read_mounts, does_not_look_behind_what_may_wait_for_others) {
  const auto disk = [](const char* point) { return mount("8:1", point, "ext4"); };
  EXPECT_EQ(points(mount("0:9", "/net", "nfs4") + disk("/net/a/b")), names{});
  EXPECT_EQ(points(disk("/net/a/b") + mount("0:9", "/net/a", "fuse.sshfs")), names{});
  EXPECT_EQ(points(mount("0:9", "/net", "nfs4") + disk("/network")), names{"/network"});
  EXPECT_EQ(points(mount("0:9", "/net", "tmpfs") + disk("/net/a")), names{"/net/a"});
  // Where the root itself is of another machine, nothing runs without it.
  EXPECT_EQ(points(mount("0:9", "/", "nfs4") + disk("/a")), names{"/a"});
}

TEST(read_mounts, leaves_alone_what_is_mounted_on_demand) {
  EXPECT_EQ(points(mount("0:9", "/efi", "autofs") + mount("8:1", "/efi", "vfat")), names{});
  EXPECT_EQ(points(mount("0:9", "/misc", "autofs") + mount("8:1", "/misc/a", "ext4")), names{});
}

TEST(read_mounts, leaves_out_folders_where_mounts_come_and_go) {
  for (const char* folder : {"/run", "/dev", "/var/lib/docker", "/var/lib/kubelet"}) {
    const std::string below = std::string(folder) + "/pods/7f/volumes/x";
    EXPECT_EQ(points(mount("8:1", below, "ext4")), names{}) << below;
    EXPECT_EQ(points(mount("8:1", folder, "ext4")), names{folder});
    const std::string beside = std::string(folder) + "-2";
    EXPECT_EQ(points(mount("8:1", beside, "ext4")), names{beside});
  }
}

TEST(read_mounts, takes_the_last_of_several_mounts_on_one_point) {
  const auto disks = read_mounts(mount("8:1", "/a", "ext4") + mount("8:2", "/a", "xfs"));
  ASSERT_EQ(disks.size(), 1u);
  EXPECT_EQ(disks[0].minor, 2u);
  EXPECT_EQ(points(mount("8:1", "/a", "ext4") + mount("0:9", "/a", "tmpfs")), names{});
}

TEST(read_mounts, reads_escapes_of_blanks_and_backslashes) {
  EXPECT_EQ(points(mount("8:1", "/a\\040b\\134c\\011\\012", "ext4")), names{"/a b\\c\t\n"});
  EXPECT_EQ(replace_octal_escapes("\\303\\266\\377"), "\xc3\xb6\xff");
  for (const char* text : {"", "\\", "\\0", "\\04", "\\04x", "\\400", "\\089", "a\\"}) {
    EXPECT_EQ(replace_octal_escapes(text), text);
  }
}

TEST(read_mounts, skips_lines_that_are_no_mounts) {
  const std::string good = mount("8:1", "/good", "ext4");
  for (const char* line :
       {"", " ", "-", "1 2", "36 35 8:1 / /a rw", "36 35 8:1 / /a rw -", "36 35 8:1 / /a rw - ",
        "36 35 8:1 / /a rw shared:1 ext4 /dev/a rw", "36 35 8 / /a rw - ext4 x rw",
        "36 35 8: / /a rw - ext4 x rw", "36 35 x:1 / /a rw - ext4 x rw",
        "36 35 8:1x / /a rw - ext4 x rw", "36 35 8:99999999999 / /a rw - ext4 x rw",
        "36 35 99999999999999999999:1 / /a rw - ext4 x rw", "36 35 8:1 / a rw - ext4 x rw",
        "36 35 8:1 /  rw - ext4 x rw"}) {
    EXPECT_EQ(points(good + line + "\n"), names{"/good"}) << line;
    EXPECT_EQ(points(line), names{}) << line;
  }
  EXPECT_EQ(points(std::string(100'000, ' ')), names{});
  EXPECT_EQ(points(std::string("\0\0\n", 3) + good), names{"/good"});
}

} // namespace
} // namespace tocsin::mount_list_test
