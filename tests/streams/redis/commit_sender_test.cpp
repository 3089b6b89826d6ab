#include "streams/redis/commit_sender.hpp"

#include "streams/redis/incident_stream.hpp"
#include "streams/redis/lease.hpp"
#include "streams/redis/partition_state.hpp"
#include "tests/support/redis_fixture.hpp"

#include <fmt/format.h>
#include <random>

namespace tocsin::redis::commit_sender_test {

namespace {

const partition_keys keys("tocsin", "0");
const std::string owner = "w:abc:1";

progress_mark mark(unsigned n) {
  return {"10000", fmt::format("{}/1000", n), "77-1", "rules", fmt::format("10000-{}", n)};
}

/// The n-th part, from 1: one event.
commit_part part(unsigned n) {
  commit_part p;
  p.owner = owner;
  if (n > 1)
    p.expected = mark(n - 1);
  else
    p.row = tick_row{10'000, "77-1", true, 1, "rules", {}};
  p.next = mark(n);
  p.events = {{{10'000, n}, {{"event", "opened"}, {"id", fmt::format("id{}", n)}}}};
  p.open.set = {{fmt::format("id{}", n), "{}"}};
  return p;
}

} // namespace

class commit_sender_test : public test::redis_test {
protected:
  void SetUp() override {
    redis_test::SetUp();
    ASSERT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
  }
  // Sends parts until `last` is answered for; false where that failed.
  bool commit_until(connection& with, unsigned last) {
    while (done_ < last) {
      while (sender_->has_room() && made_ < last)
        sender_->add(part(++made_));
      if (const auto s = sender_->send(with, 5); !s)
        return false;
      const auto r = sender_->await(with);
      if (!r)
        return false;
      EXPECT_EQ(*r, commit_outcome::committed);
      if (*r != commit_outcome::committed)
        return false;
      done_ += static_cast<unsigned>(sender_->take_done());
    }
    return true;
  }
  void expect_events(unsigned n) {
    const auto events = events_after(c, keys.incidents, {}, 10'000);
    ASSERT_EQ(events->size(), n);
    for (unsigned i = 0; i < n; ++i)
      EXPECT_EQ(field_of((*events)[i], "id"), fmt::format("id{}", i + 1));
    EXPECT_EQ(run("HLEN " + keys.open).number, n);
    EXPECT_EQ(*load_progress(c, keys), mark(n));
  }
  connection another() { return server().connect(); }

  std::optional<commit_sender> sender_{std::in_place, keys};
  unsigned made_ = 0, done_ = 0;
};

TEST_F(commit_sender_test, parts_sent_ahead_are_committed_in_order) {
  EXPECT_TRUE(commit_until(c, 20));
  EXPECT_TRUE(sender_->idle());
  EXPECT_EQ(sender_->answered_ms(), 5);
  expect_events(20);
}

TEST_F(commit_sender_test, what_follows_a_part_that_failed_is_sent_again_behind_it) {
  auto d = another();
  ASSERT_TRUE(commit_until(d, 4));
  // A stranger's entry on top: part 5 cannot be, nor what was sent behind it.
  run("XADD " + keys.incidents + " 10000-9 event foreign");
  ASSERT_FALSE(commit_until(d, 7));
  EXPECT_FALSE(d.broken());
  EXPECT_EQ(*load_progress(c, keys), mark(4));
  run("XDEL " + keys.incidents + " 10000-9");
  run("XSETID " + keys.incidents + " 10000-4");
  EXPECT_TRUE(commit_until(d, 9));
  expect_events(9);
}

TEST_F(commit_sender_test, it_loads_the_script_again_where_redis_forgot_it) {
  ASSERT_TRUE(commit_until(c, 3));
  run("SCRIPT FLUSH");
  EXPECT_FALSE(commit_until(c, 6));
  EXPECT_TRUE(commit_until(c, 6));
  run("SCRIPT FLUSH");
  sender_->doubt();
  EXPECT_TRUE(commit_until(c, 8)) << "it was told";
  expect_events(8);
}

TEST_F(commit_sender_test, after_a_lost_connection_progress_says_which_parts_are_done) {
  for (unsigned arrived = 0; arrived <= commit_sender::ahead_max; ++arrived) {
    SetUp();
    sender_.emplace(keys);
    made_ = done_ = 0;
    ASSERT_TRUE(commit_until(c, 2));
    {
      auto lost = another();
      for (; made_ < 2 + commit_sender::ahead_max;)
        sender_->add(part(++made_));
      ASSERT_TRUE(run("CLIENT KILL TYPE normal SKIPME yes").number > 0);
      EXPECT_FALSE(sender_->send(lost, 6).ok() && sender_->await(lost).ok());
    }
    for (unsigned n = 3; n < 3 + arrived; ++n) // what reached Redis
      ASSERT_EQ(*commit(c, keys, part(n)), commit_outcome::committed);
    EXPECT_TRUE(commit_until(c, 8)) << arrived;
    expect_events(8);
  }
}

TEST_F(commit_sender_test, the_last_words_of_a_lost_connection_may_come_late) {
  ASSERT_TRUE(commit_until(c, 2));
  auto d = another();
  for (; made_ < 5;)
    sender_->add(part(++made_));
  ASSERT_TRUE(sender_->send(d, 6).ok());
  // The parts are all on their way, and the old connection brings two of them first.
  for (unsigned n = 3; n <= 4; ++n)
    ASSERT_TRUE(commit(c, keys, part(n)).ok());
  EXPECT_TRUE(commit_until(d, 8));
  expect_events(8);
}

TEST_F(commit_sender_test, a_partition_that_changed_is_lost_and_a_stolen_one_fenced) {
  ASSERT_TRUE(commit_until(c, 2));
  run("HSET " + keys.progress + " logId 99-9");
  sender_->add(part(3));
  sender_->add(part(4));
  ASSERT_TRUE(sender_->send(c, 7).ok());
  EXPECT_EQ(*sender_->await(c), commit_outcome::lost);
  EXPECT_EQ(run("XLEN " + keys.incidents).number, 2);

  commit_sender other(keys);
  ASSERT_EQ(*acquire_lease(c, keys, "thief:x:2", *read_lease(c, keys)), lease_outcome::held);
  for (unsigned n = 3; n < 6; ++n)
    other.add(part(n));
  auto d = another();
  ASSERT_TRUE(other.send(d, 7).ok());
  EXPECT_EQ(*other.await(d), commit_outcome::fenced);
  const auto lease = read_lease(d, keys); // not the answer to one of the other parts
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->owner, "thief:x:2");
}

TEST_F(commit_sender_test, events_stand_once_however_often_the_connection_is_lost) {
  std::mt19937 dice(7);
  std::optional<connection> with;
  unsigned losses = 0;
  while (done_ < 300) {
    if (!with || with->broken())
      with.emplace(another());
    if (dice() % 4 == 0 && sender_->has_room()) { // lost with parts on the way
      while (sender_->has_room() && made_ < 300)
        sender_->add(part(++made_));
      if (sender_->send(*with, 5).ok() && dice() % 2)
        ::poll(nullptr, 0, static_cast<int>(dice() % 2));
      run("CLIENT KILL TYPE normal SKIPME yes");
      ++losses;
    }
    commit_until(*with, std::min(300u, made_ + 1 + static_cast<unsigned>(dice() % 5)));
  }
  EXPECT_GT(losses, 5u);
  expect_events(300);
}

} // namespace tocsin::redis::commit_sender_test
