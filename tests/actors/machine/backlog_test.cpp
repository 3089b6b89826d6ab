#include "actors/machine/backlog.hpp"

#include <deque>
#include <gtest/gtest.h>
#include <random>

namespace tocsin::backlog_test {
namespace {

TEST(backlog, holds_an_hour_of_samples_within_bounds) {
  EXPECT_EQ(backlog::capacity_for(10'000), 360u);
  EXPECT_EQ(backlog::capacity_for(100), 36'000u);
  EXPECT_EQ(backlog::capacity_for(1), 36'000u);
  EXPECT_EQ(backlog::capacity_for(7'200'000), 1u);
}

TEST(backlog, gives_its_oldest_lines_and_keeps_them_until_removed) {
  backlog lines(10);
  for (const char* line : {"a", "b", "c"}) {
    lines.push(line);
  }
  EXPECT_EQ(lines.oldest(2).text, "a\nb\n");
  EXPECT_EQ(lines.oldest(2).lines(), 2u);
  lines.remove_before(lines.oldest(2).end);
  EXPECT_EQ(lines.oldest(9).text, "c\n");
  EXPECT_EQ(lines.size(), 1u);
}

TEST(backlog, drops_its_oldest_line_when_full_and_counts_it) {
  backlog lines(2);
  for (const char* line : {"a", "b", "c"}) {
    lines.push(line);
  }
  EXPECT_EQ(lines.dropped(), 1u);
  EXPECT_EQ(lines.oldest(9).text, "b\nc\n");
}

TEST(backlog, a_confirmed_batch_removes_only_itself_whatever_was_dropped_meanwhile) {
  backlog lines(3);
  for (const char* line : {"a", "b", "c"}) {
    lines.push(line);
  }
  const auto sent = lines.oldest(2); // a, b
  lines.push("d");                   // drops a
  lines.remove_before(sent.end);
  EXPECT_EQ(lines.oldest(9).text, "c\nd\n");
}

TEST(backlog, agrees_with_a_plain_deque_over_random_steps) {
  std::mt19937 random(20261121);
  backlog lines(7);
  std::deque<std::pair<std::uint64_t, std::string>> model;
  std::uint64_t pushed = 0;
  std::uint64_t dropped = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 3 != 0) {
      const std::string line = std::to_string(random());
      lines.push(line);
      model.emplace_back(pushed++, line);
      if (model.size() > 7) {
        model.pop_front();
        ++dropped;
      }
    } else {
      const std::uint64_t end = pushed - std::min<std::uint64_t>(pushed, random() % 12);
      lines.remove_before(end);
      while (!model.empty() && model.front().first < end) {
        model.pop_front();
      }
    }
    const std::size_t count = random() % 9;
    std::string expected;
    for (std::size_t i = 0; i < std::min(count, model.size()); ++i) {
      expected += model[i].second + '\n';
    }
    ASSERT_EQ(lines.oldest(count).text, expected);
    ASSERT_EQ(lines.size(), model.size());
    ASSERT_EQ(lines.dropped(), dropped);
  }
}

} // namespace
} // namespace tocsin::backlog_test
