#include "actors/sinks/resend_round.hpp"

#include <gtest/gtest.h>

namespace tocsin::resend_round_test {

TEST(resend_round, the_first_is_due_at_once_and_each_next_one_an_interval_after_the_one_before) {
  resend_round r(60'000);
  EXPECT_LE(r.due_ms(), 1'000);
  EXPECT_EQ(r.cursor(), "0");
  r.begin(1'000);
  r.sent("17", 1'100);
  EXPECT_EQ(r.due_ms(), 1'100);
  EXPECT_EQ(r.cursor(), "17");
  r.begin(1'200);
  r.sent("0", 1'300);
  EXPECT_EQ(r.due_ms(), 61'000);
  EXPECT_EQ(r.cursor(), "0");
}

TEST(resend_round, one_that_takes_longer_than_the_interval_is_followed_at_once) {
  resend_round r(60'000);
  r.begin(0);
  r.sent("17", 50'000);
  r.begin(50'000);
  r.sent("0", 90'000);
  EXPECT_EQ(r.due_ms(), 90'000);
}

TEST(resend_round, an_alert_lasts_until_three_more_rounds_have_failed) {
  resend_round r(60'000);
  EXPECT_EQ(r.lasting_ms(5'000), 240'000);
  r.begin(0);
  EXPECT_EQ(r.lasting_ms(100'000), 400'000); // this round takes long
  r.sent("0", 100'000);
  EXPECT_EQ(r.lasting_ms(100'000), 400'000); // the next may, too
  r.begin(100'000);
  r.sent("0", 100'100);
  EXPECT_EQ(r.lasting_ms(200'000), 240'000);
}

TEST(resend_round, after_a_failure_it_begins_again) {
  resend_round r(60'000);
  r.begin(0);
  r.sent("17", 100);
  r.begin(100);
  r.failed(10'100);
  EXPECT_EQ(r.cursor(), "0");
  EXPECT_EQ(r.due_ms(), 15'100);
  r.begin(15'100);
  r.sent("0", 15'200);
  EXPECT_EQ(r.due_ms(), 75'100);
  EXPECT_EQ(r.lasting_ms(15'200), 240'000); // what failed is no measure
}

TEST(resend_round, a_wait_that_was_asked_for_is_kept_for_an_interval_at_most) {
  resend_round r(60'000);
  r.begin(0);
  r.failed(100, 20'000);
  EXPECT_EQ(r.due_ms(), 20'100);
  r.failed(100, 1'000);
  EXPECT_EQ(r.due_ms(), 5'100);
  r.failed(100, 86'400'000);
  EXPECT_EQ(r.due_ms(), 60'100);
}

} // namespace tocsin::resend_round_test
