#include "actors/sinks/retry_policy.hpp"

#include <gtest/gtest.h>

namespace tocsin::retry_policy_test {
namespace {

using fate = retry_policy::decision::fate;

const delivery all_done{delivery::outcome::done, 0, ""};

delivery later(std::size_t taken = 0, std::int64_t wait_ms = 0) {
  return {delivery::outcome::later, taken, "away", wait_ms};
}
delivery failed(std::size_t taken = 0) {
  return {delivery::outcome::failed, taken, "no"};
}

TEST(retry_policy, acknowledges_all_of_what_is_done_and_goes_on_at_once) {
  retry_policy p(10);
  const auto d = p.judge(all_done, 10, 0, 0);
  EXPECT_EQ(d.taken, 10u);
  EXPECT_EQ(d.next, fate::none);
  EXPECT_EQ(d.wait_ms, 0);
}

TEST(retry_policy, waits_twice_as_long_each_time_up_to_a_minute_and_never_gives_up_before_a_day) {
  retry_policy p(1);
  std::int64_t now = 0;
  for (std::int64_t wanted : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    const auto d = p.judge(later(), 1, 0, now);
    EXPECT_EQ(d.wait_ms, wanted * 1'000);
    EXPECT_EQ(d.next, fate::none);
    EXPECT_EQ(d.taken, 0u);
    now += d.wait_ms;
  }
  EXPECT_EQ(p.judge(later(), 1, 0, 86'399'999).next, fate::none);
  EXPECT_EQ(p.judge(later(), 1, 0, 86'400'000).next, fate::give_up);
  // The next event has a day of its own.
  const auto d = p.judge(later(), 1, 0, 86'400'001);
  EXPECT_EQ(d.next, fate::none);
  EXPECT_EQ(d.wait_ms, 1'000);
  EXPECT_EQ(p.judge(later(), 1, 0, 2 * 86'400'000).next, fate::none);
}

TEST(retry_policy, begins_anew_after_an_event_got_through) {
  retry_policy p(1);
  static_cast<void>(p.judge(later(), 1, 0, 0));
  EXPECT_EQ(p.judge(later(), 1, 0, 1'000).wait_ms, 2'000);
  static_cast<void>(p.judge(all_done, 1, 0, 3'000));
  EXPECT_EQ(p.judge(later(), 1, 0, 86'400'000).wait_ms, 1'000);
  EXPECT_EQ(p.judge(later(), 1, 0, 2 * 86'400'000 - 1).next, fate::none);
}

TEST(retry_policy, the_day_begins_when_the_event_stands_alone) {
  retry_policy p(2);
  EXPECT_EQ(p.judge(later(), 2, 0, 0).next, fate::none);
  EXPECT_EQ(p.batch(), 1u);
  EXPECT_EQ(p.judge(later(), 1, 0, 1'000).next, fate::none);
  EXPECT_EQ(p.judge(later(), 1, 0, 86'400'999).next, fate::none);
  EXPECT_EQ(p.judge(later(), 1, 0, 86'401'000).next, fate::give_up);
}

TEST(retry_policy, gives_up_after_five_failed_tries) {
  retry_policy p(1);
  std::uint32_t tries = 0;
  for (std::int64_t wanted : {1, 2, 4, 8}) {
    const auto d = p.judge(failed(), 1, tries, 0);
    EXPECT_EQ(d.next, fate::failed);
    EXPECT_EQ(d.tries, ++tries);
    EXPECT_EQ(d.wait_ms, wanted * 1'000);
  }
  const auto d = p.judge(failed(), 1, tries, 0);
  EXPECT_EQ(d.next, fate::give_up);
  EXPECT_EQ(d.tries, 5u);
  EXPECT_EQ(d.wait_ms, 0);
  EXPECT_EQ(p.judge(failed(), 1, 0, 0).wait_ms, 1'000) << "of the next event";
}

TEST(retry_policy, counts_tries_of_before_a_restart) {
  retry_policy p(1);
  EXPECT_EQ(p.judge(failed(), 1, 4, 0).next, fate::give_up);
}

TEST(retry_policy, acknowledges_what_was_taken_before_a_failure) {
  retry_policy p(10);
  const auto d = p.judge(failed(3), 10, 0, 0);
  EXPECT_EQ(d.taken, 3u);
  EXPECT_EQ(d.next, fate::failed);
  EXPECT_EQ(d.tries, 1u);
  const auto e = p.judge(later(2), 7, 0, 0);
  EXPECT_EQ(e.taken, 2u);
  EXPECT_EQ(e.next, fate::none);
  EXPECT_EQ(p.judge(later(99), 5, 0, 0).taken, 5u) << "more than were offered";
}

TEST(retry_policy, hands_on_alone_what_failed_and_fewer_of_what_was_put_off) {
  retry_policy p(8);
  EXPECT_EQ(p.batch(), 8u);
  static_cast<void>(p.judge(later(), 8, 0, 0));
  EXPECT_EQ(p.batch(), 4u);
  static_cast<void>(p.judge(failed(), 4, 0, 0));
  EXPECT_EQ(p.batch(), 1u);
  for (std::size_t wanted : {2u, 4u, 8u, 8u}) {
    static_cast<void>(p.judge(all_done, p.batch(), 0, 0));
    EXPECT_EQ(p.batch(), wanted);
  }
}

TEST(retry_policy, waits_as_long_as_the_other_side_asks_but_at_most_a_quarter_of_an_hour) {
  retry_policy p(1);
  EXPECT_EQ(p.judge(later(0, 30'000), 1, 0, 0).wait_ms, 30'000);
  EXPECT_EQ(p.judge(later(0, 10), 1, 0, 0).wait_ms, 2'000);
  EXPECT_EQ(p.judge(later(0, INT64_MAX), 1, 0, 0).wait_ms, 900'000);
}

} // namespace
} // namespace tocsin::retry_policy_test
