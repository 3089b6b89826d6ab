#include "actors/machine/disk_meter.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t points_tried_max = 4;

} // namespace

std::optional<double> disk_usage(const disk_space& space) {
  if (space.free_blocks > space.blocks || space.available_blocks > space.blocks) {
    return std::nullopt;
  }
  const auto used = static_cast<double>(space.blocks - space.free_blocks);
  const double whole = used + static_cast<double>(space.available_blocks);
  return whole > 0 ? std::optional(percent_of(used, whole)) : std::nullopt;
}

std::optional<double> inode_usage(const disk_space& space) {
  if (space.inodes == 0 || space.free_inodes > space.inodes) {
    return std::nullopt;
  }
  return percent_of(static_cast<double>(space.inodes - space.free_inodes),
                    static_cast<double>(space.inodes));
}

bool disk_meter::measure(const local_disk& disk, const look& look_at,
                         std::vector<measured_field>& out) {
  std::string why;
  for (std::size_t p = 0; p < disk.points.size() && p < points_tried_max; ++p) {
    const std::string& point = disk.points[p];
    std::string inodes = "disk.inodes." + point; // the longer name of the two
    if (const char* no_field = why_no_field(inodes)) {
      why = no_field;
      continue;
    }
    ++looks_;
    const auto space = look_at(disk, point);
    if (!space) {
      why = space.failure().message;
      continue;
    }
    if (const auto usage = disk_usage(*space)) {
      out.push_back({"disk.usage." + point, *usage});
    }
    if (const auto usage = inode_usage(*space)) {
      out.push_back({std::move(inodes), *usage});
    }
    return true;
  }
  const std::string& named = disk.points.front();
  remarks_.say(named, fmt::format("the file system at {} is not reported: {}",
                                  quote_for_people(named), why));
  return false;
}

void disk_meter::take(std::string_view mountinfo, const look& look_at,
                      std::vector<measured_field>& out) {
  const auto disks = read_mounts(mountinfo);
  looks_ = 0;
  std::size_t measured = 0;
  for (std::size_t d = 0; d < disks.size(); ++d) {
    if (measured == disks_max || looks_ >= looks_max) {
      remarks_.say("", fmt::format("{} file systems are not reported, {} the first of them: {} are "
                                   "the most that are",
                                   disks.size() - d, quote_for_people(disks[d].points.front()),
                                   disks_max));
      return;
    }
    measured += measure(disks[d], look_at, out);
  }
}

} // namespace tocsin
