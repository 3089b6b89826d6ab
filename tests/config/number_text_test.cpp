#include "config/number_text.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace tocsin::number_text_test {

TEST(number_text, people_read_six_significant_digits_and_every_whole_part) {
  EXPECT_EQ(number_for_people(72.83333333333333), "72.8333");
  EXPECT_EQ(number_for_people(0.1 + 0.2), "0.3");
  EXPECT_EQ(number_for_people(92.5), "92.5");
  EXPECT_EQ(number_for_people(-1.0 / 3), "-0.333333");
  EXPECT_EQ(number_for_people(60), "60");
  EXPECT_EQ(number_for_people(999'999.7), "1000000");
  EXPECT_EQ(number_for_people(1'234'567.891), "1234568");
  EXPECT_EQ(number_for_people(812'345'678), "812345678");
  EXPECT_EQ(number_for_people(0.000125), "0.000125");
  EXPECT_EQ(number_for_people(1.5e-9), "1.5e-09");
  EXPECT_EQ(number_for_people(1.23456789e21), "1.23457e+21");
  EXPECT_EQ(number_for_people(-0.0), "0");
  EXPECT_EQ(number_for_people(NAN), "none");
}

TEST(number_text, a_value_never_looks_like_the_threshold_that_it_misses) {
  EXPECT_EQ(number_for_people(59.9999999, 60), "59.9999999");
  EXPECT_EQ(number_for_people(60.00000004, 60), "60.00000004");
  EXPECT_EQ(number_for_people(1'000'000.25, 1'000'000), "1000000.2");
  EXPECT_EQ(number_for_people(60, 60), "60");
  EXPECT_EQ(number_for_people(72.83333333333333, 60), "72.8333");
  EXPECT_NE(number_for_people(std::nextafter(60.0, 0.0), 60), "60");
  EXPECT_EQ(number_for_people(60, 59.99999999), "60");
  EXPECT_EQ(number_for_people(59.99999999, 60), "59.99999999");
}

} // namespace tocsin::number_text_test
