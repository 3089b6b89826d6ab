#include "config/read_settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tocsin::settings_fixtures_test {

namespace {

namespace fs = std::filesystem;

const fs::path fixtures = TOCSIN_SOURCE_DIR "/tests/config/fixtures";

std::string contents(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

std::vector<fs::path> configs_in(const char* folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(fixtures / folder)) {
    if (entry.path().extension() == ".json")
      out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string texts(const diagnostics& problems) {
  std::string out;
  for (const auto& problem : problems)
    out += problem.text() + '\n';
  return out;
}

} // namespace

TEST(settings_fixtures, a_good_config_has_neither_errors_nor_warnings) {
  for (const auto& path : configs_in("good")) {
    const auto report = read_settings_file(path.string(), {}, purpose::serve);
    EXPECT_EQ(texts(report.problems), "") << path;
  }
}

// With TOCSIN_WRITE_EXPECTED set it writes what it finds, for a person to review.
TEST(settings_fixtures, a_bad_config_says_exactly_what_is_expected_of_it) {
  for (const auto& path : configs_in("bad")) {
    const auto report = read_settings(contents(path), path.filename().string(), {}, purpose::serve);
    auto expected = path;
    expected.replace_extension(".expected");
    if (std::getenv("TOCSIN_WRITE_EXPECTED") != nullptr)
      std::ofstream(expected) << texts(report.problems);
    EXPECT_FALSE(report.problems.empty()) << path;
    EXPECT_EQ(texts(report.problems), contents(expected)) << path;
  }
}

TEST(settings_fixtures, the_configs_of_the_conformance_cases_are_free_of_errors) {
  std::size_t cases = 0;
  const fs::path folder = TOCSIN_SOURCE_DIR "/tests/conformance/cases";
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto report =
        read_settings_file((entry.path() / "config.json").string(), {}, purpose::replay);
    EXPECT_FALSE(has_errors(report.problems)) << entry.path() << '\n' << texts(report.problems);
    ++cases;
  }
  EXPECT_GE(cases, 16U);
}

} // namespace tocsin::settings_fixtures_test
