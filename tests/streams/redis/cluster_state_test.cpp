#include "streams/redis/cluster_state.hpp"

#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::cluster_state_test {

namespace {
const cluster_keys keys("tocsin");
}

class cluster_state_test : public test::redis_test {};

TEST_F(cluster_state_test, a_cluster_keeps_what_it_was_created_with) {
  EXPECT_FALSE(load_cluster(c, keys)->has_value());
  cluster_facts first{"prod", {"0", "7", "2"}, 5'000, 0};
  EXPECT_EQ(*join_cluster(c, keys, first), first);
  cluster_facts second{"prod", {"0"}, 10'000, 1'000};
  EXPECT_EQ(*join_cluster(c, keys, second), first);
  EXPECT_EQ(*load_cluster(c, keys), first);
  EXPECT_EQ(
      cluster_mismatches(first, second),
      (std::vector<std::string>{"partitions: the cluster has 3, this configuration 1",
                                "interval: the cluster has 5000 ms, this configuration 10000 ms",
                                "grace: the cluster has 0 ms, this configuration 1000 ms"}));
  EXPECT_TRUE(cluster_mismatches(first, first).empty());
}

TEST_F(cluster_state_test, interval_and_grace_can_be_changed) {
  ASSERT_TRUE(join_cluster(c, keys, {}).ok());
  ASSERT_TRUE(store_cluster_timing(c, keys, 2'000, 3).ok());
  auto f = load_cluster(c, keys);
  EXPECT_EQ((*f)->interval_ms, 2'000);
  EXPECT_EQ((*f)->grace_ms, 3);
}

TEST_F(cluster_state_test, a_newer_schema_is_refused_with_what_to_do) {
  cluster_facts newer;
  newer.schema = 2;
  auto f = join_cluster(c, keys, newer);
  ASSERT_FALSE(f.ok());
  EXPECT_NE(f.failure().message.find("newer Tocsin (schema 2"), std::string::npos);
}

TEST_F(cluster_state_test, rule_sets_are_kept_by_hash_and_one_is_in_force) {
  EXPECT_FALSE(current_rules(c, keys)->has_value());
  ASSERT_TRUE(store_rules(c, keys, "h1", "[1]").ok());
  ASSERT_TRUE(store_rules(c, keys, "h2", "[2]").ok());
  ASSERT_TRUE(store_rules(c, keys, "h3", "[3]").ok());
  ASSERT_TRUE(set_current_rules(c, keys, "h2").ok());
  EXPECT_EQ(*current_rules(c, keys), "h2");
  EXPECT_EQ(*load_rules(c, keys, "h1"), "[1]");
  const std::vector<std::string> kept = {"h3"};
  EXPECT_EQ(*forget_rules_except(c, keys, kept), 1u);
  EXPECT_FALSE(load_rules(c, keys, "h1")->has_value());
  EXPECT_EQ(*load_rules(c, keys, "h2"), "[2]");
}

TEST_F(cluster_state_test, workers_beat_and_withdraw) {
  ASSERT_TRUE(announce_worker(c, keys, "a").ok());
  ASSERT_TRUE(announce_worker(c, keys, "b").ok());
  ASSERT_TRUE(announce_worker(c, keys, "b").ok());
  auto workers = list_workers(c, keys);
  ASSERT_EQ(workers->size(), 2u);
  EXPECT_EQ((*workers)[1].worker, "b");
  EXPECT_EQ((*workers)[1].beat, 2u);
  ASSERT_TRUE(withdraw_worker(c, keys, "b").ok());
  EXPECT_EQ(list_workers(c, keys)->size(), 1u);
}

} // namespace tocsin::redis::cluster_state_test
