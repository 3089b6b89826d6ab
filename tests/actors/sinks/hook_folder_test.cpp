#include "actors/sinks/hook_folder.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tocsin::hook_folder_test {
namespace {

namespace fs = std::filesystem;

class hook_folder_test : public testing::Test {
protected:
  hook_folder_test() : data_(testing::TempDir() + "hooks-" + std::to_string(::getpid())) {
    fs::remove_all(data_);
    fs::create_directories(folder());
  }
  ~hook_folder_test() override { fs::remove_all(data_); }

  fs::path folder() const { return hook_folder(data_); }
  void put(const std::string& name) {
    fs::create_directories((folder() / name).parent_path());
    std::ofstream(folder() / name) << "1";
  }
  std::vector<std::string> names() const {
    const auto found = list_hooks(data_);
    EXPECT_TRUE(found) << found.failure().message;
    std::vector<std::string> out;
    for (const auto& hook : *found) {
      EXPECT_EQ(hook.path, (folder() / hook.name).string());
      out.push_back(hook.name);
    }
    return out;
  }

  const std::string data_;
};

using texts = std::vector<std::string>;

TEST_F(hook_folder_test, hooks_come_by_file_name_whatever_folder_they_lie_in) {
  for (const char* name : {"b.js", "z/a.js", "a/c.js", "B.js", "a/b.js", "10.js", "9.js"})
    put(name);
  EXPECT_EQ(names(), (texts{"10.js", "9.js", "B.js", "z/a.js", "a/b.js", "b.js", "a/c.js"}));
}

TEST_F(hook_folder_test, names_with_a_dot_in_front_are_disabled_and_other_files_are_none) {
  for (const char* name : {".a.js", ".off/b.js", "on/.c.js", "d.json", "js", "e.js.txt", "f.js"})
    put(name);
  fs::create_directories(folder() / "folder.js");
  EXPECT_EQ(names(), (texts{"f.js"}));
}

TEST_F(hook_folder_test, without_the_folder_there_are_none) {
  fs::remove_all(data_);
  EXPECT_EQ(names(), texts{});
}

TEST_F(hook_folder_test, links_to_files_are_followed_and_links_to_folders_are_not) {
  put("..data/alert.js");
  fs::create_symlink("..data/alert.js", folder() / "alert.js");
  fs::create_directory_symlink(folder(), folder() / "again");
  fs::create_symlink("nowhere.js", folder() / "dangling.js");
  EXPECT_EQ(names(), (texts{"alert.js"}));
}

TEST_F(hook_folder_test, what_looks_like_a_hook_and_is_none_is_named_with_the_reason) {
  for (const char* name :
       {"a.js", "b.mjs", "in/c.ts", "d.cjs", "E.JS", "f.json", "README.md", ".g.mjs"})
    put(name);
  fs::create_directory_symlink(folder() / "in", folder() / "linked");
  fs::create_directory_symlink(folder() / "in", folder() / "..data");
  fs::create_symlink("nowhere.js", folder() / "dangling.js");
  EXPECT_EQ(names(), (texts{"a.js"}));
  const auto passed_over = list_passed_over(data_);
  texts found;
  for (const auto& p : passed_over)
    found.push_back(p.name);
  EXPECT_EQ(found, (texts{"E.JS", "b.mjs", "d.cjs", "dangling.js", "in/c.ts", "linked"}));
  for (const auto& p : passed_over)
    EXPECT_FALSE(p.why.empty());
}

TEST_F(hook_folder_test, too_many_or_too_deep_is_an_error_that_names_the_folder) {
  std::string deep;
  for (int i = 0; i < hook_folders_deep_max; ++i)
    deep += "d/";
  put(deep + "a.js");
  const auto found = list_hooks(data_);
  ASSERT_FALSE(found);
  EXPECT_NE(found.failure().message.find(data_), std::string::npos);
  fs::remove_all(folder() / "d");
  for (std::size_t i = 0; i <= hook_scripts_max; ++i)
    put(std::to_string(i) + ".js");
  EXPECT_FALSE(list_hooks(data_));
}

TEST_F(hook_folder_test, a_folder_that_is_a_file_is_an_error) {
  fs::remove(folder());
  std::ofstream(folder()) << "no folder";
  EXPECT_FALSE(list_hooks(data_));
}

} // namespace
} // namespace tocsin::hook_folder_test
