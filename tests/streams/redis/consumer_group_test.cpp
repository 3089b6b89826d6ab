#include "streams/redis/consumer_group.hpp"

#include "streams/redis/incident_stream.hpp"
#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::consumer_group_test {

class consumer_group_test : public test::redis_test {
protected:
  void SetUp() override {
    redis_test::SetUp();
    run("HSET " + keys.lease + " owner me:1:1 beat 1");
  }
  stream_id add(std::uint64_t seq) {
    const stream_id id{1'000 + seq, seq};
    run("XADD " + keys.incidents + " " + id.text() + " event opened id i" + std::to_string(seq));
    return id;
  }
  std::vector<std::uint64_t> take(std::uint32_t count = 100, const char* owner = "me:1:1") {
    auto got = group.take(c, owner, count);
    EXPECT_TRUE(got) << got.failure().message;
    EXPECT_EQ(got->what, taken_events::outcome::taken);
    std::vector<std::uint64_t> out;
    for (const auto& e : got->entries)
      out.push_back(e.id.seq);
    return out;
  }
  std::vector<pending_event> pending() {
    auto got = group.pending(c, 100);
    EXPECT_TRUE(got) << got.failure().message;
    return *got;
  }

  const partition_keys keys{"tocsin", "0"};
  const consumer_group group{keys, "webhook:a"};
};

using numbers = std::vector<std::uint64_t>;

TEST_F(consumer_group_test, begins_behind_what_stands_in_the_stream_when_it_is_made) {
  add(1);
  EXPECT_TRUE(*group.create(c));
  EXPECT_EQ(take(), numbers{});
  add(2);
  EXPECT_EQ(take(), numbers{2});
  EXPECT_EQ(group.name(), "tocsin:webhook:a");
}

TEST_F(consumer_group_test, is_made_before_the_stream_and_only_once) {
  EXPECT_TRUE(*group.create(c));
  add(1);
  EXPECT_FALSE(*group.create(c));
  EXPECT_EQ(take(), numbers{1});
  EXPECT_EQ(**group.position(c), (stream_id{1'001, 1}));
}

TEST_F(consumer_group_test, is_made_again_where_it_had_come_to) {
  const auto first = add(1);
  add(2);
  EXPECT_TRUE(*group.create(c, first));
  EXPECT_EQ(take(), numbers{2});
}

TEST_F(consumer_group_test, keeps_what_was_taken_until_it_is_acknowledged) {
  ASSERT_TRUE(*group.create(c));
  const stream_id ids[] = {add(1), add(2), add(3)};
  EXPECT_EQ(take(2), (numbers{1, 2}));
  ASSERT_TRUE(group.acknowledge(c, std::span(ids, 1)));
  const auto left = pending();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].entry.id, ids[1]);
  EXPECT_EQ(field_of(left[0].entry, "id"), "i2");
  EXPECT_EQ(left[0].tries, 0u);
  EXPECT_EQ(take(), numbers{3});
}

TEST_F(consumer_group_test, counts_tries_in_redis_and_reading_again_is_none) {
  ASSERT_TRUE(*group.create(c));
  const auto id = add(1);
  take();
  ASSERT_TRUE(group.set_tries(c, id, 3));
  EXPECT_EQ(pending()[0].tries, 3u);
  EXPECT_EQ(pending()[0].tries, 3u);
}

TEST_F(consumer_group_test, gives_nothing_to_whoever_does_not_hold_the_lease) {
  ASSERT_TRUE(*group.create(c));
  add(1);
  const auto got = group.take(c, "other:1:2", 10);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->what, taken_events::outcome::fenced);
  EXPECT_TRUE(got->entries.empty());
  EXPECT_TRUE(pending().empty());
  EXPECT_EQ(take(), numbers{1});
}

TEST_F(consumer_group_test, says_when_there_is_no_such_group) {
  const auto got = group.take(c, "me:1:1", 10);
  ASSERT_TRUE(got) << got.failure().message;
  EXPECT_EQ(got->what, taken_events::outcome::no_group);
  EXPECT_FALSE(group.position(c)->has_value());
  EXPECT_TRUE(pending().empty());
  EXPECT_TRUE(group.set_tries(c, {1, 1}, 1));
  EXPECT_TRUE(list_groups(c, keys.incidents)->empty());
}

TEST_F(consumer_group_test, tells_a_pending_event_that_was_trimmed) {
  ASSERT_TRUE(*group.create(c));
  add(1);
  add(2);
  take();
  run("XTRIM " + keys.incidents + " MAXLEN 1");
  const auto left = pending();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_TRUE(left[0].trimmed());
  EXPECT_EQ(left[0].entry.id.seq, 1u);
  EXPECT_FALSE(left[1].trimmed());
}

TEST_F(consumer_group_test, gives_also_what_another_consumer_of_the_group_left) {
  ASSERT_TRUE(*group.create(c));
  add(1);
  run("XREADGROUP GROUP " + group.name() + " somebody STREAMS " + keys.incidents + " >");
  ASSERT_EQ(pending().size(), 1u);
  ASSERT_TRUE(group.set_tries(c, pending()[0].entry.id, 2));
  EXPECT_EQ(pending()[0].tries, 2u);
}

TEST_F(consumer_group_test, buries_an_event_with_what_went_wrong_and_its_fields) {
  ASSERT_TRUE(*group.create(c));
  const auto id = add(1);
  take();
  const auto e = pending()[0].entry;
  ASSERT_TRUE(group.bury(c, keys.webhooks_dead, {e, "webhook:a", "answered 400", 5}));
  EXPECT_TRUE(pending().empty());
  const auto dead = last_events(c, keys.webhooks_dead, 10);
  ASSERT_EQ(dead->size(), 1u);
  const std::vector<field_value> wanted = {{"sink", "webhook:a"}, {"why", "answered 400"},
                                           {"tries", "5"},        {"eventId", id.text()},
                                           {"event", "opened"},   {"id", "i1"}};
  EXPECT_EQ(dead->front().fields, wanted);
}

TEST_F(consumer_group_test, works_on_a_redis_that_is_full) {
  ASSERT_TRUE(*group.create(c));
  const auto id = add(1);
  run("CONFIG SET maxmemory 1");
  EXPECT_EQ(take(), numbers{1});
  EXPECT_TRUE(group.set_tries(c, id, 1));
  const auto e = pending()[0].entry;
  const auto buried = group.bury(c, keys.hooks_dead, {e, "hooks", "died", 5});
  EXPECT_TRUE(buried) << buried.failure().message;
  EXPECT_TRUE(group.acknowledge(c, std::span(&id, 1)));
  run("CONFIG SET maxmemory 0");
  EXPECT_EQ(last_events(c, keys.hooks_dead, 10)->size(), 1u);
}

TEST_F(consumer_group_test, lists_every_group_of_a_stream) {
  ASSERT_TRUE(*group.create(c));
  run("XGROUP CREATE " + keys.incidents + " theirs 0");
  add(1);
  take();
  const auto all = list_groups(c, keys.incidents);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "theirs");
  EXPECT_EQ((*all)[0].pending, 0u);
  EXPECT_EQ((*all)[1].name, group.name());
  EXPECT_EQ((*all)[1].pending, 1u);
  EXPECT_EQ((*all)[1].last_delivered, (stream_id{1'001, 1}));
}

} // namespace tocsin::redis::consumer_group_test
