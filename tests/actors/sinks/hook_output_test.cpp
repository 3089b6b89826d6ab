#include "actors/sinks/hook_output.hpp"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace tocsin::hook_output_test {
namespace {

struct lines_of {
  std::vector<std::string> lines;
  line_reader::taker taker() {
    return [this](std::string_view line, bool cut) {
      lines.push_back(std::string(line) + (cut ? "~" : ""));
    };
  }
};

TEST(line_reader, gives_the_same_lines_however_the_bytes_come) {
  const std::string text = "one\n\nthree is longer\nfour";
  const std::vector<std::string> expected = {"one", "", "three is l~", "four"};
  std::mt19937 random(20261121);
  for (int round = 0; round < 200; ++round) {
    line_reader reader(10);
    lines_of got;
    for (std::size_t at = 0; at < text.size();) {
      const auto n = std::uniform_int_distribution<std::size_t>(1, 9)(random);
      reader.take(std::string_view(text).substr(at, n), got.taker());
      at += n;
    }
    reader.finish(got.taker());
    ASSERT_EQ(got.lines, expected);
  }
}

TEST(line_reader, a_line_of_just_the_bound_is_whole) {
  line_reader reader(3);
  lines_of got;
  reader.take("abc\nabcd\n", got.taker());
  EXPECT_EQ(got.lines, (std::vector<std::string>{"abc", "abc~"}));
}

TEST(line_allowance, gives_so_many_at_once_and_then_so_many_a_second) {
  line_allowance allowance;
  std::int64_t taken = 0;
  for (int i = 0; i < 10'000; ++i)
    taken += allowance.take(1'000) ? 1 : 0;
  EXPECT_EQ(taken, line_allowance::at_once);
  EXPECT_EQ(allowance.take_dropped(1'000), 0u) << "none is allowed yet, nor the word about it";
  EXPECT_EQ(allowance.take_dropped(1'100), 8'000u);
  EXPECT_EQ(allowance.take_dropped(1'100), 0u);
  taken = 0;
  for (std::int64_t now = 1'101; now <= 11'100; ++now)
    taken += allowance.take(now) ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(taken), 10.1 * line_allowance::per_second, 1);
}

TEST(line_allowance, is_full_again_after_a_while_and_never_more) {
  line_allowance allowance;
  EXPECT_TRUE(allowance.take(0));
  std::int64_t taken = 0;
  for (int i = 0; i < 10'000; ++i)
    taken += allowance.take(86'400'000) ? 1 : 0;
  EXPECT_EQ(taken, line_allowance::at_once);
}

TEST(printable, leaves_text_and_makes_visible_what_drives_a_terminal) {
  EXPECT_EQ(printable("a \xc3\xa9\t{ b: 1 }"), "a \xc3\xa9\t{ b: 1 }");
  EXPECT_EQ(printable("\x1b[32m'green'\x1b[39m \x1b[1;31mred\x1b[0m"), "'green' red");
  EXPECT_EQ(printable("\x1b[2Jgone\r\x07"), "\\x1b[2Jgone\\x0d\\x07");
  EXPECT_EQ(printable("\x1b[31"), "\\x1b[31");
  EXPECT_EQ(printable("bad \xff\xfe utf"), "bad ?? utf");
  EXPECT_EQ(printable("web\u202egnp\u0085\u2028"), "web\\u202egnp\\u0085\\u2028");
}

} // namespace
} // namespace tocsin::hook_output_test
