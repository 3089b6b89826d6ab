#include "streams/partition/series_steps.hpp"

#include "config/json_document.hpp"
#include "tests/support/random_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::series_steps_test {

using namespace test;

namespace {

constexpr tick_grid grid{10'000, 1'000};

std::string text_of(const series_steps& s, std::vector<std::string> names = {"cpu.usage"}) {
  const auto text = fmt::format("{{{}}}", s.json(names));
  EXPECT_TRUE(json_document::read(text).ok()) << text;
  return text;
}

} // namespace

TEST(series_frame_test,
     steps_are_multiples_of_the_interval_and_aligned_to_multiples_of_themselves) {
  auto f = series_frame::of(grid, 1'000'000, 1'100'000, 1, 10'000);
  EXPECT_EQ(f.step_ms(), 10'000);
  EXPECT_EQ(f.first, 100);
  EXPECT_EQ(f.last, 109); // `to` is not in it
  f = series_frame::of(grid, 1'000'001, 1'100'001, 25'000, 10'000);
  EXPECT_EQ(f.step_ms(), 30'000);
  EXPECT_EQ(f.first, 99);
  EXPECT_EQ(f.last, 110);
  EXPECT_EQ(f.steps(), 4u);
}

TEST(series_frame_test, there_are_no_more_than_2000_steps_and_none_of_what_is_not_sealed) {
  for (const std::int64_t ticks : {1'999, 2'000, 2'001, 4'000, 17'321, 199'999})
    for (const std::int64_t offset : {0, 1, 7, 1'999}) {
      const auto from = (1'000'000 + offset) * grid.interval_ms;
      const auto f =
          series_frame::of(grid, from, from + ticks * grid.interval_ms, 10'000, tick_max);
      EXPECT_LE(f.steps(), 2'000u);
      EXPECT_GT(f.steps(), 900u);
      EXPECT_LE(f.first, grid.of(from));
      EXPECT_EQ(f.first % f.step_ticks, 0);
    }
  EXPECT_EQ(series_frame::of(grid, 0, 1'000'000, 10'000, 50).last, 50);
  EXPECT_EQ(series_frame::of(grid, 900'000, 1'000'000, 10'000, 50).steps(), 0u);
  const auto all = series_frame::of(grid, 0, 8'640'000'000'000'000, 1, 170'000'000);
  EXPECT_EQ(all.last, 170'000'000);
  EXPECT_LE(all.last - all.first, series_frame::ticks_max + all.step_ticks);
}

TEST(series_frame_test, a_step_of_ages_takes_no_more_memory_than_the_longest_time) {
  for (const std::int64_t step_ms : {40'000'000'000'000, 8'640'000'000'000'000}) {
    const auto f = series_frame::of(grid, 0, 8'640'000'000'000'000, step_ms, 170'000'000);
    EXPECT_EQ(f.step_ticks, series_frame::ticks_max);
    EXPECT_LE(static_cast<std::int64_t>(f.steps()) * f.step_ticks, 3 * series_frame::ticks_max);
  }
}

TEST(series_steps_test, a_step_is_what_its_ticks_are_together) {
  dice d(3);
  for (int round = 0; round < 50; ++round) {
    const auto f = series_frame::of(grid, d.between(0, 2'000) * 1'000, 3'000'000,
                                    d.between(1, 12) * 10'000, d.between(200, 400));
    series_steps steps(f, 2);
    std::map<std::pair<std::size_t, std::int64_t>, std::vector<double>> naive;
    for (int i = 0; i < 2'000; ++i) {
      const auto n = d.between(0, 450);
      const auto field = static_cast<std::size_t>(d.below(2));
      const double v = static_cast<double>(d.between(-99, 99)) / 4;
      value_total one;
      one.add(v);
      steps.add(field, n, one);
      if (n >= f.first && n <= f.last)
        naive[{field, n / f.step_ticks - f.first / f.step_ticks}].push_back(v);
    }
    for (std::size_t field = 0; field < 2; ++field)
      for (std::size_t s = 0; s < f.steps(); ++s) {
        value_total want;
        for (const double v : naive[{field, static_cast<std::int64_t>(s)}])
          want.add(v);
        EXPECT_EQ(steps.at(field, s), want);
      }
  }
}

TEST(series_steps_test, silence_is_null_and_what_is_not_known_is_left_out) {
  const auto f = series_frame::of(grid, 1'000'000, 1'060'000, 20'000, 1'000);
  series_steps steps(f, 1);
  value_total two;
  two.add(1);
  two.add(2.5);
  steps.add(0, 102, two);
  steps.add(0, 103, two);
  steps.note_blind(104);
  EXPECT_EQ(text_of(steps),
            R"({"from":1000000,"to":1060000,"step":20000,"interval":10000,)"
            R"("time":[1000000,1020000,1040000],"series":[{"field":"cpu.usage",)"
            R"("min":[null,1,null],"max":[null,2.5,null],"avg":[null,1.75,null],)"
            R"("sum":[null,7,null],"count":[null,4,null]}],"blind":[[1040000,1050000]]})");
  steps.know_from(101); // in the middle of a step
  EXPECT_EQ(text_of(steps, {"\"<img>"}),
            R"({"from":1020000,"to":1060000,"step":20000,"interval":10000,)"
            R"("time":[1020000,1040000],"series":[{"field":"\"<img>",)"
            R"("min":[1,null],"max":[2.5,null],"avg":[1.75,null],)"
            R"("sum":[7,null],"count":[4,null]}],"blind":[[1040000,1050000]]})");
  steps.know_from(1'000);
  EXPECT_NE(text_of(steps).find(R"("time":[])"), std::string::npos);
}

TEST(series_steps_test, where_there_was_nothing_before_it_the_step_that_is_known_in_part_is_whole) {
  series_steps steps(series_frame::of(grid, 1'000'000, 1'060'000, 20'000, 1'000), 1);
  for (const tick n : {102, 103}) {
    steps.know_from(n, true);
    EXPECT_EQ(steps.first(), 102);
    steps.know_from(n);
    EXPECT_EQ(steps.first(), n == 102 ? 102 : 104);
  }
  steps.know_from(7, true);
  EXPECT_EQ(steps.first(), 100);
}

TEST(series_steps_test, a_sum_beyond_all_numbers_is_null) {
  series_steps steps(series_frame::of(grid, 0, 10'000, 1, 10), 1);
  steps.add(0, 0, {3, std::numeric_limits<double>::infinity(), 1e300, 1e300});
  EXPECT_NE(text_of(steps).find(R"("max":[1e+300],"avg":[null],"sum":[null],"count":[3])"),
            std::string::npos)
      << text_of(steps);
}

} // namespace tocsin::series_steps_test
