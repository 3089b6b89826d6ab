#include "streams/partition/restore.hpp"

#include <gtest/gtest.h>

namespace tocsin::restore_test {

namespace {

constexpr tick_grid grid{1'000, 500}; // a sample may come two ticks early, read from three on
constexpr std::int64_t lead = 3;
constexpr tick first_tick = 100;

/// Ten ticks that were sealed on time, behind entries of a log that began at `begin`.
std::vector<recorded_tick> ten_rows(log_position begin) {
  std::vector<recorded_tick> rows(10);
  for (auto& row : rows) {
    row.sealed = first_tick + (&row - rows.data());
    row.grid = grid;
    row.end_ms = grid.end_ms(row.sealed);
    row.position = {static_cast<std::uint64_t>(grid.seal_ms(row.sealed)) - 1, 0};
    row.begin = begin;
  }
  return rows;
}

tick values_from(log_position begin, log_position first_entry) {
  return plan_restore(ten_rows(begin), grid, 5, first_entry).values_from;
}

constexpr log_position long_before{1'000, 0};
constexpr log_position before_the_rows{99'000, 0};

} // namespace

TEST(plan_restore_test, values_are_whole_from_the_first_row_on_while_nothing_was_cut_off) {
  EXPECT_EQ(values_from(before_the_rows, before_the_rows), first_tick);
}

TEST(plan_restore_test, the_first_ticks_of_a_log_cut_off_somewhere_before_them_are_not_whole) {
  EXPECT_EQ(values_from(long_before, before_the_rows), first_tick + lead);
}

TEST(plan_restore_test, ticks_are_whole_once_no_sample_of_theirs_can_have_been_cut_off) {
  for (std::int64_t row = 0; row < 10; ++row) {
    const auto position = ten_rows(long_before)[static_cast<std::size_t>(row)].position;
    EXPECT_EQ(values_from(long_before, {position.ms, 1}), first_tick + row + lead + 1);
  }
}

} // namespace tocsin::restore_test
