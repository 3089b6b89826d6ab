#include "streams/redis/lease.hpp"

#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::lease_test {

namespace {
const partition_keys keys("tocsin", "0");
}

class lease_test : public test::redis_test {};

TEST_F(lease_test, is_taken_once_by_those_who_saw_it_free) {
  const auto seen = *read_lease(c, keys);
  EXPECT_FALSE(seen.held());
  EXPECT_EQ(*acquire_lease(c, keys, "a:n:1", seen), lease_outcome::held);
  EXPECT_EQ(*acquire_lease(c, keys, "b:n:1", seen), lease_outcome::refused);
  EXPECT_EQ(read_lease(c, keys)->owner, "a:n:1");
}

TEST_F(lease_test, taking_it_again_after_a_lost_answer_succeeds) {
  const auto seen = *read_lease(c, keys);
  EXPECT_EQ(*acquire_lease(c, keys, "a:n:1", seen), lease_outcome::held);
  EXPECT_EQ(*acquire_lease(c, keys, "a:n:1", seen), lease_outcome::held);
}

TEST_F(lease_test, is_not_taken_from_an_owner_that_beat_since_it_was_observed) {
  ASSERT_EQ(*acquire_lease(c, keys, "a:n:1", {}), lease_outcome::held);
  const auto seen = *read_lease(c, keys);
  EXPECT_EQ(*beat_lease(c, keys, "a:n:1"), lease_outcome::held);
  EXPECT_EQ(*acquire_lease(c, keys, "b:n:2", seen), lease_outcome::refused);
  EXPECT_EQ(*acquire_lease(c, keys, "b:n:2", *read_lease(c, keys)), lease_outcome::held);
  EXPECT_EQ(*beat_lease(c, keys, "a:n:1"), lease_outcome::refused);
  EXPECT_EQ(*release_lease(c, keys, "a:n:1"), lease_outcome::refused);
}

TEST_F(lease_test, is_free_at_once_when_released_and_keeps_its_epoch) {
  ASSERT_EQ(*acquire_lease(c, keys, "a:n:41", {}), lease_outcome::held);
  EXPECT_EQ(*release_lease(c, keys, "a:n:41"), lease_outcome::held);
  const auto seen = *read_lease(c, keys);
  EXPECT_FALSE(seen.held());
  EXPECT_EQ(seen.epoch(), 41u);
  EXPECT_EQ(*beat_lease(c, keys, "a:n:41"), lease_outcome::refused);
  EXPECT_EQ(*acquire_lease(c, keys, "b:m:42", seen), lease_outcome::held);
}

TEST(lease_owner, is_read_back_even_where_the_worker_has_colons) {
  const lease_owner owner{"host:9480", "f00d", 7};
  EXPECT_EQ(owner.text(), "host:9480:f00d:7");
  const auto parsed = lease_owner::parse(owner.text());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->worker, "host:9480");
  EXPECT_EQ(parsed->nonce, "f00d");
  EXPECT_EQ(parsed->epoch, 7u);
  for (const char* bad : {"", "a", "a:1", "a:b:c", ":"})
    EXPECT_FALSE(lease_owner::parse(bad)) << bad;
}

using verdict = lease_watch::verdict;

TEST(lease_watch, calls_a_lease_stale_once_its_beat_stood_still_for_the_takeover_time) {
  lease_watch watch(4'000);
  const lease_state seen{"a:n:1", "5"};
  for (std::int64_t now = 100'000; now < 104'000; now += 500)
    EXPECT_EQ(watch.look(seen, now), verdict::alive) << now;
  EXPECT_EQ(watch.look(seen, 104'000), verdict::stale);
}

TEST(lease_watch, begins_anew_when_beat_or_owner_move) {
  lease_watch watch(4'000);
  EXPECT_EQ(watch.look({"a:n:1", "5"}, 0), verdict::alive);
  EXPECT_EQ(watch.look({"a:n:1", "5"}, 2'000), verdict::alive);
  EXPECT_EQ(watch.look({"a:n:1", "6"}, 4'000), verdict::alive);
  EXPECT_EQ(watch.look({"b:n:2", "6"}, 6'000), verdict::alive);
  EXPECT_EQ(watch.look({"b:n:2", "6"}, 8'000), verdict::alive);
  EXPECT_EQ(watch.look({"b:n:2", "6"}, 10'000), verdict::stale);
}

TEST(lease_watch, that_was_frozen_itself_looks_once_more) {
  lease_watch watch(4'000);
  EXPECT_EQ(watch.look({"a:n:1", "5"}, 0), verdict::alive);
  EXPECT_EQ(watch.look({"a:n:1", "5"}, 3'600'000), verdict::alive);
  EXPECT_EQ(watch.look({"a:n:1", "5"}, 3'602'000), verdict::stale);
}

TEST(lease_watch, calls_a_lease_free_that_nobody_holds) {
  lease_watch watch(4'000);
  EXPECT_EQ(watch.look({"", ""}, 0), verdict::free);
  EXPECT_EQ(watch.look({"::7", "9"}, 1), verdict::free);
}

TEST(lease_hold, lets_its_owner_evaluate_for_half_of_the_takeover_time_after_a_beat) {
  lease_hold hold(4'000, 1'000);
  EXPECT_FALSE(hold.beat_due(1'999));
  EXPECT_TRUE(hold.beat_due(2'000));
  EXPECT_TRUE(hold.may_evaluate(2'999));
  EXPECT_FALSE(hold.may_evaluate(3'000));
  hold.beat(2'500);
  hold.beat(2'000);
  EXPECT_TRUE(hold.may_evaluate(4'499));
  EXPECT_FALSE(hold.may_evaluate(4'500));
}

} // namespace tocsin::redis::lease_test
