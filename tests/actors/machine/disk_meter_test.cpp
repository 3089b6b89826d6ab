#include "actors/machine/disk_meter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

namespace tocsin::disk_meter_test {
namespace {

std::string mount(unsigned minor, std::string_view point) {
  return fmt::format("1 0 8:{} / {} rw - ext4 x rw\n", minor, point);
}

constexpr disk_space half_full{
    .blocks = 100, .free_blocks = 50, .available_blocks = 50, .inodes = 1000, .free_inodes = 999};

struct disks : testing::Test {
  disk_meter meter;
  std::map<std::string, result<disk_space>> there;
  std::vector<std::string> looked;

  std::map<std::string, double> take(const std::string& mountinfo) {
    std::vector<measured_field> out;
    looked.clear();
    const auto look = [&](const local_disk&, const std::string& point) {
      looked.push_back(point);
      const auto found = there.find(point);
      return found == there.end() ? result<disk_space>(half_full) : found->second;
    };
    meter.take(mountinfo, look, out);
    std::map<std::string, double> fields;
    for (const auto& field : out) {
      EXPECT_TRUE(fields.emplace(field.name, field.value).second) << field.name;
    }
    return fields;
  }

  std::string remarks() {
    std::string all;
    for (const auto& text : meter.remarks().take()) {
      all += text + '\n';
    }
    return all;
  }
};

using fields = std::map<std::string, double>;

TEST(disk_usage, is_of_what_users_may_have) {
  // As df: 50 used, of the 50 free ones 5 are kept for root.
  EXPECT_EQ(disk_usage({.blocks = 100, .free_blocks = 50, .available_blocks = 45}), 52.63);
  EXPECT_EQ(disk_usage({.blocks = 100, .free_blocks = 5, .available_blocks = 0}), 100.0);
  EXPECT_EQ(disk_usage({.blocks = 100, .free_blocks = 100, .available_blocks = 95}), 0.0);
}

TEST(disk_usage, is_none_where_the_counts_are_absurd) {
  EXPECT_FALSE(disk_usage({}));
  EXPECT_FALSE(disk_usage({.blocks = 10, .free_blocks = 11, .available_blocks = 0}));
  // A file system that owes root blocks may count fewer than none.
  EXPECT_FALSE(disk_usage({.blocks = 10, .free_blocks = 5, .available_blocks = ~0ull}));
}

TEST(inode_usage, is_none_where_none_are_counted) {
  EXPECT_EQ(inode_usage({.inodes = 3, .free_inodes = 1}), 66.67);
  EXPECT_FALSE(inode_usage({}));
  EXPECT_FALSE(inode_usage({.inodes = 3, .free_inodes = 4}));
}

TEST_F(disks, gives_usage_and_inodes_of_each) {
  there.emplace("/b", disk_space{.blocks = 4, .free_blocks = 1, .available_blocks = 1});
  EXPECT_EQ(take(mount(1, "/") + mount(2, "/b")),
            (fields{{"disk.usage./", 50}, {"disk.inodes./", 0.1}, {"disk.usage./b", 75}}));
  EXPECT_EQ(remarks(), "");
}

TEST_F(disks, goes_on_to_the_next_mount_point_where_one_cannot_be_looked_at) {
  there.emplace("/a", error{"another mount hides it"});
  EXPECT_EQ(take(mount(1, "/a") + mount(1, "/bb")),
            (fields{{"disk.usage./bb", 50}, {"disk.inodes./bb", 0.1}}));
  EXPECT_EQ(remarks(), "");
}

TEST_F(disks, says_once_what_cannot_be_looked_at) {
  there.emplace("/a", error{"Permission denied"});
  EXPECT_EQ(take(mount(1, "/a")), fields{});
  EXPECT_EQ(remarks(), "the file system at `/a` is not reported: Permission denied\n");
  EXPECT_EQ(take(mount(1, "/a")), fields{});
  EXPECT_EQ(remarks(), "");
  there.clear();
  EXPECT_EQ(take(mount(1, "/a")).size(), 2u);
}

TEST_F(disks, leaves_out_mount_points_that_are_no_names_of_fields) {
  for (const char* point :
       {"/a\\012b", "/a\\177", "/\\377", "/a\\302\\205", "/x.count", "/x_sum"}) {
    EXPECT_EQ(take(mount(1, point) + mount(2, "/good")).size(), 2u) << point;
    EXPECT_EQ(looked, std::vector<std::string>{"/good"});
    const auto said = remarks();
    EXPECT_NE(said.find("is not reported"), std::string::npos) << point;
    EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
  }
}

TEST_F(disks, takes_mount_points_as_long_as_a_field_may_be) {
  const std::string longest = '/' + std::string(255 - 12 - 1, 'x');
  const auto taken = take(mount(1, longest));
  EXPECT_EQ(taken.count("disk.inodes." + longest), 1u);
  EXPECT_EQ(take(mount(1, longest + 'x')), fields{});
  EXPECT_NE(remarks().find("255 bytes"), std::string::npos);
}

TEST_F(disks, reports_the_first_sixteen_by_name_and_says_once_that_more_are_there) {
  std::string text;
  for (unsigned i = 5'000; i > 0; --i) {
    text += mount(i, fmt::format("/d{:04}", i));
  }
  const auto taken = take(text);
  EXPECT_EQ(taken.size(), 32u);
  EXPECT_EQ(taken.count("disk.usage./d0001"), 1u);
  EXPECT_EQ(taken.count("disk.usage./d0016"), 1u);
  EXPECT_EQ(looked.size(), 16u);
  EXPECT_EQ(remarks(), "4984 file systems are not reported, `/d0017` the first of them: 16 are the "
                       "most that are\n");
  static_cast<void>(take(text + mount(6'000, "/e")));
  EXPECT_EQ(remarks(), "");
}

TEST_F(disks, looks_at_a_bounded_number_of_mount_points) {
  std::string text;
  for (unsigned i = 0; i < 500; ++i) {
    const auto point = fmt::format("/d{:03}", i);
    text += mount(i, point) + mount(i, point + "/again");
    there.emplace(point, error{"no"});
    there.emplace(point + "/again", error{"no"});
  }
  EXPECT_EQ(take(text), fields{});
  EXPECT_LE(looked.size(), disk_meter::looks_max + 3);
  EXPECT_NE(remarks().find("not reported"), std::string::npos);
  std::string binds;
  for (unsigned i = 0; i < 500; ++i) {
    binds += mount(1, fmt::format("/d{:03}", i));
  }
  EXPECT_EQ(take(binds), fields{});
  EXPECT_EQ(looked.size(), 4u);
}

TEST(said_once, stops_after_so_many_texts) {
  said_once remarks;
  for (std::size_t i = 0; i < 1'000; ++i) {
    remarks.say(std::to_string(i), "x");
  }
  EXPECT_EQ(remarks.take().size(), said_once::texts_max + 1);
  EXPECT_TRUE(remarks.take().empty());
}

} // namespace
} // namespace tocsin::disk_meter_test
