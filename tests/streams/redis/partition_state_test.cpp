#include "streams/redis/partition_state.hpp"

#include "tests/support/redis_fixture.hpp"

#include <map>

namespace tocsin::redis::partition_state_test {

namespace {
const partition_keys keys("tocsin", "0");
}

class partition_state_test : public test::redis_test {};

TEST(keys, of_a_partition_share_its_hash_tag) {
  EXPECT_EQ(keys.samples, "tocsin:{0}:samples");
  EXPECT_EQ(keys.lease, "tocsin:{0}:lease");
  EXPECT_EQ(cluster_keys("x").workers, "x:workers");
}

TEST_F(partition_state_test, a_partition_without_progress_has_none) {
  EXPECT_FALSE(load_progress(c, keys)->has_value());
}

TEST_F(partition_state_test, progress_with_a_field_missing_is_an_error) {
  run("HSET " + keys.progress + " tick 10000");
  EXPECT_FALSE(load_progress(c, keys).ok());
}

TEST_F(partition_state_test, a_scan_visits_every_field_of_a_large_hash) {
  for (int i = 0; i < 20'000; ++i)
    c.append({"HSET", keys.hosts, "host" + std::to_string(i), std::to_string(i)});
  ASSERT_TRUE(c.flush().ok());
  std::map<std::string, std::string> seen;
  ASSERT_TRUE(
      scan_hash(c, keys.hosts, [&](auto f, auto v) { seen[std::move(f)] = std::move(v); }).ok());
  EXPECT_EQ(seen.size(), 20'000u);
  EXPECT_EQ(seen["host19999"], "19999");
}

TEST_F(partition_state_test, rows_are_read_in_order_within_their_bounds) {
  EXPECT_FALSE(last_tick(c, keys)->has_value());
  for (int tick = 1; tick <= 2'500; ++tick)
    c.append({"XADD", keys.ticks, std::to_string(tick * 10) + "-0", "logId", "5-5", "blind",
              tick % 2 == 0 ? "1" : "0", "nonBlind", std::to_string(tick), "rules", "r"});
  ASSERT_TRUE(c.flush().ok());
  std::vector<tick_row> rows;
  ASSERT_TRUE(scan_ticks(c, keys, 20, 24'990, [&](tick_row r) { rows.push_back(r); }).ok());
  ASSERT_EQ(rows.size(), 2'498u);
  EXPECT_EQ(rows.front(), (tick_row{20, "5-5", true, 2, "r", {}}));
  EXPECT_EQ(rows.back().end_ms, 24'990);
  EXPECT_EQ((*last_tick(c, keys))->end_ms, 25'000);
}

TEST_F(partition_state_test, entries_that_are_no_rows_are_passed_over_wherever_they_stand) {
  run("XADD " + keys.ticks + " 5-0 a b");
  run("XADD " + keys.ticks + " 10-0 logId 5-5 blind 0 nonBlind 1 rules r");
  for (int i = 0; i < 1'500; ++i)
    c.append({"XADD", keys.ticks, "11-" + std::to_string(i), "a", "b"});
  ASSERT_TRUE(c.flush().ok());
  std::vector<tick_row> rows;
  ASSERT_TRUE(scan_ticks(c, keys, 0, 100, [&](tick_row r) { rows.push_back(r); }).ok());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ((*last_tick(c, keys))->end_ms, 10);
  run("XDEL " + keys.ticks + " 10-0");
  EXPECT_FALSE(last_tick(c, keys)->has_value());
}

} // namespace tocsin::redis::partition_state_test
