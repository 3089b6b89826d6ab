#include "config/file_watch.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tocsin::file_watch_test {
namespace {

class file_watch_of_two : public testing::Test {
protected:
  file_watch_of_two() {
    std::filesystem::create_directories(folder);
    write("a", "1");
    write("b", "1");
  }
  ~file_watch_of_two() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string& name) const { return folder + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  // What the second of two looks says; the first must not trust what it has just seen.
  static bool settles_as_changed(file_watch& files) {
    EXPECT_FALSE(files.changed());
    return files.changed();
  }

  std::string folder = testing::TempDir() + "file_watch_" + std::to_string(getpid());
};

TEST_F(file_watch_of_two, says_nothing_while_nothing_changes) {
  file_watch files({path("a"), path("b"), path("none")});
  EXPECT_FALSE(settles_as_changed(files));
}

TEST_F(file_watch_of_two, tells_a_change_of_any_once) {
  file_watch files({path("a"), path("b")});
  write("b", "22");
  EXPECT_TRUE(settles_as_changed(files));
  EXPECT_FALSE(settles_as_changed(files));
}

TEST_F(file_watch_of_two, waits_while_files_are_being_written) {
  file_watch files({path("a"), path("b")});
  for (int i = 2; i < 6; ++i) {
    write("a", std::string(static_cast<std::size_t>(i), 'x'));
    EXPECT_FALSE(files.changed());
  }
  EXPECT_TRUE(files.changed());
}

TEST_F(file_watch_of_two, sees_a_file_replaced_removed_and_made) {
  file_watch files({path("a"), path("new")});
  write("other", "1"); // as long as the one that it replaces
  std::filesystem::rename(path("other"), path("a"));
  EXPECT_TRUE(settles_as_changed(files));
  std::filesystem::remove(path("a"));
  EXPECT_TRUE(settles_as_changed(files));
  write("new", "1");
  EXPECT_TRUE(settles_as_changed(files));
}

TEST_F(file_watch_of_two, sees_a_link_that_is_turned_to_another_file) {
  std::filesystem::create_symlink(path("a"), path("link"));
  file_watch files({path("link")});
  std::filesystem::create_symlink(path("b"), path("next"));
  std::filesystem::rename(path("next"), path("link"));
  EXPECT_TRUE(settles_as_changed(files));
}

} // namespace
} // namespace tocsin::file_watch_test
