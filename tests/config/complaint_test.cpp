#include "config/complaint.hpp"

#include <gtest/gtest.h>

namespace tocsin::complaint_test {
namespace {

TEST(complaint, is_made_once_with_its_cause_and_its_end_is_told_once) {
  complaint c;
  EXPECT_FALSE(c.works(0)) << "nothing had failed";
  EXPECT_TRUE(c.fails("full", 1'000));
  EXPECT_FALSE(c.fails("full", 1'100));
  EXPECT_TRUE(c.going_on());
  EXPECT_TRUE(c.works(1'200));
  EXPECT_FALSE(c.works(1'300));
  EXPECT_FALSE(c.going_on());
}

TEST(complaint, names_each_cause_of_one_trouble_and_only_a_few) {
  complaint c;
  EXPECT_TRUE(c.fails("away", 0));
  EXPECT_TRUE(c.fails("wrong password", 1));
  EXPECT_FALSE(c.fails("away", 2));
  int said = 0;
  for (int i = 0; i < 1'000; ++i)
    said += c.fails("entry " + std::to_string(i), 3 + i);
  EXPECT_EQ(2, said) << "four in all: a number in the text is no flood";
  EXPECT_TRUE(c.works(2'000));
}

TEST(complaint, what_comes_and_goes_is_told_once_and_ends_when_it_is_calm) {
  complaint c;
  EXPECT_TRUE(c.fails("full", 0));
  EXPECT_TRUE(c.works(100));
  EXPECT_TRUE(c.fails("full", 200)) << "it had been said that it is over";
  int said = 0;
  for (std::int64_t now = 300; now < 600'000; now += 200) {
    said += c.works(now);
    said += c.fails("full", now + 100);
  }
  EXPECT_EQ(0, said);
  EXPECT_FALSE(c.works(600'000 + complaint::calm_ms - 200));
  EXPECT_TRUE(c.works(600'000 + complaint::calm_ms));
  EXPECT_TRUE(c.fails("full", 600'000 + 3 * complaint::calm_ms));
  EXPECT_TRUE(c.works(600'001 + 3 * complaint::calm_ms)) << "long after, it ends at once again";
}

} // namespace
} // namespace tocsin::complaint_test
