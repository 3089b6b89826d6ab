#include "actors/sinks/backlog.hpp"

#include <gtest/gtest.h>

namespace tocsin::backlog_test {
namespace {

constexpr stream_bounds bounds{.retention_ms = 100'000, .bytes_max = 1'000};

redis::stream_facts stream(std::uint64_t first, std::uint64_t last) {
  redis::stream_facts f;
  f.length = last - first + 1;
  f.first = redis::stream_id{first * 1'000, first};
  f.last = f.last_generated = redis::stream_id{last * 1'000, last};
  return f;
}

TEST(backlog, counts_events_by_their_numbers_and_age_by_the_oldest_tick) {
  const auto b = backlog_from({3'000, 3}, stream(1, 10), 12'500, 0, bounds);
  EXPECT_EQ(b.events, 8u);
  EXPECT_EQ(b.age_ms, 9'500);
  EXPECT_FALSE(b.endangered);
}

TEST(backlog, is_none_behind_the_last_event) {
  const auto b =
      backlog_from(redis::stream_id{10'000, 10}.next(), stream(1, 10), 200'000, 1'000, bounds);
  EXPECT_EQ(b.events, 0u);
  EXPECT_EQ(b.age_ms, 0);
  EXPECT_FALSE(b.endangered);
}

TEST(backlog, is_endangered_when_nine_tenths_of_the_retention_have_passed) {
  EXPECT_FALSE(backlog_from({1'000, 1}, stream(1, 10), 91'000, 0, bounds).endangered);
  EXPECT_TRUE(backlog_from({1'000, 1}, stream(1, 10), 91'001, 0, bounds).endangered);
}

TEST(backlog, is_endangered_in_the_oldest_tenth_of_a_stream_that_is_nearly_full) {
  EXPECT_TRUE(backlog_from({110'000, 110}, stream(100, 200), 111'000, 901, bounds).endangered);
  EXPECT_FALSE(backlog_from({111'000, 111}, stream(100, 200), 112'000, 901, bounds).endangered);
  EXPECT_FALSE(backlog_from({110'000, 110}, stream(100, 200), 111'000, 900, bounds).endangered);
}

TEST(backlog, ids_that_are_later_than_the_clock_are_not_old) {
  EXPECT_EQ(backlog_from({9'000, 9}, stream(1, 10), 5, 0, bounds).age_ms, 0);
}

} // namespace
} // namespace tocsin::backlog_test
