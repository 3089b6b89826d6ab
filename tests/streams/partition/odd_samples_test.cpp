#include "streams/partition/odd_samples.hpp"

#include <gtest/gtest.h>

namespace tocsin::odd_samples_test {
namespace {

TEST(odd_samples, keeps_the_last_late_and_early_ones_apart) {
  odd_samples odd;
  for (int i = 0; i < 40; ++i)
    odd.note("late-" + std::to_string(i), sample_fate::late, 1'000 + i, i);
  odd.note("early", sample_fate::early, 2'000, 9'000);
  odd.note("fine", sample_fate::accepted, 2'000, 2'000);
  ASSERT_EQ(odd.late().size(), odd_samples::kept_max);
  EXPECT_EQ(odd.late().front().host, "late-24");
  EXPECT_EQ(odd.late().back().at_ms, 1'039);
  ASSERT_EQ(odd.early().size(), 1u);
  EXPECT_EQ(odd.early().front().ts_ms, 9'000);
}

TEST(odd_samples, names_a_repeated_sample_once_for_all_its_fields) {
  intake in({1'000, 0}, {16, 16, 86'400'000}, {});
  in.begin(5);
  const field_value values[] = {{"a", 1}, {"b", 2}};
  sample_view sample;
  sample.host = "web-1";
  sample.ts_ms = 5'100;
  sample.values = values;
  in.apply(sample);
  in.apply(sample);
  const auto repeated = in.take_repeated();
  odd_samples odd;
  odd.note(in, repeated, 5'200);
  ASSERT_EQ(odd.repeated().size(), 1u);
  EXPECT_EQ(odd.repeated().front().host, "web-1");
  EXPECT_EQ(odd.repeated().front().tick_ms, 5'000);
}

} // namespace
} // namespace tocsin::odd_samples_test
