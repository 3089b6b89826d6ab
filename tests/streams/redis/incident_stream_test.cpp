#include "streams/redis/incident_stream.hpp"

#include "streams/redis/sample_log.hpp"
#include "streams/redis/stream_trim.hpp"
#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::incident_stream_test {

namespace {
const partition_keys keys("tocsin", "0");

std::vector<std::string> ids(const result<std::vector<stream_entry>>& entries) {
  std::vector<std::string> all;
  for (const auto& e : *entries)
    all.push_back(e.id.text());
  return all;
}

using texts = std::vector<std::string>;
} // namespace

class incident_stream_test : public test::redis_test {
protected:
  void SetUp() override {
    redis_test::SetUp();
    for (const char* id : {"10-0", "10-1", "20-0", "30-0"})
      run("XADD " + keys.incidents + " " + id + " v 1 event opened");
  }
};

TEST_F(incident_stream_test, is_read_after_an_id_between_ids_and_from_its_end) {
  EXPECT_EQ(ids(events_after(c, keys.incidents, {10, 0}, 2)), (texts{"10-1", "20-0"}));
  EXPECT_EQ(ids(events_between(c, keys.incidents, {10, 1}, {20, 9}, 99)), (texts{"10-1", "20-0"}));
  EXPECT_EQ(ids(last_events(c, keys.incidents, 2)), (texts{"20-0", "30-0"}));
  EXPECT_EQ(ids(last_events(c, keys.incidents, 2, {20, 0})), (texts{"10-1", "20-0"}));
  EXPECT_TRUE(events_after(c, keys.incidents, stream_id::greatest(), 1)->empty());
  EXPECT_TRUE(events_after(c, "none", {}, 1)->empty());
}

TEST_F(incident_stream_test, gives_the_fields_of_an_event) {
  const auto events = *last_events(c, keys.incidents, 1);
  EXPECT_EQ(field_of(events[0], "event"), "opened");
  EXPECT_EQ(field_of(events[0], "reason"), "");
}

TEST_F(incident_stream_test, waiting_gives_events_as_soon_as_there_are_some) {
  EXPECT_EQ(ids(wait_for_events(c, keys.incidents, {20, 0}, 9, 5'000)), (texts{"30-0"}));
  EXPECT_TRUE(wait_for_events(c, keys.incidents, {30, 0}, 9, 20)->empty());
  EXPECT_FALSE(c.broken());
}

TEST_F(incident_stream_test, what_is_open_comes_with_the_event_up_to_which_it_holds) {
  EXPECT_EQ(read_open(c, keys)->last_event, stream_id{});
  run("HSET " + keys.open + " a {}");
  run("HSET " + keys.progress + " lastEventId 30-0");
  auto snapshot = read_open(c, keys);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->last_event, (stream_id{30, 0}));
  EXPECT_EQ(snapshot->open, (std::vector<field_value>{{"a", "{}"}}));
}

class stream_trim_test : public test::redis_test {
protected:
  void fill(int entries, std::size_t bytes) {
    const std::string body(bytes, 'x');
    for (int i = 1; i <= entries; ++i)
      c.append({"XADD", "k", std::to_string(i) + "-0", "s", body});
    ASSERT_TRUE(c.flush().ok());
  }
};

TEST_F(stream_trim_test, says_how_soon_a_stream_could_reach_a_bound) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20;
  EXPECT_EQ(measure_again_ms(0, 1'024 * mib), 5'000);
  EXPECT_EQ(measure_again_ms(800 * mib, 1'000 * mib), 3'000);
  EXPECT_EQ(measure_again_ms(1'000 * mib, 1'000 * mib), 1'000);
  EXPECT_EQ(measure_again_ms(2'000 * mib, 1'000 * mib), 1'000);
}

TEST_F(stream_trim_test, removes_entries_below_an_id_in_whole_blocks) {
  fill(5'000, 10);
  auto report = trim_below(c, "k", {4'000, 0});
  ASSERT_TRUE(report.ok()) << report.failure().message;
  EXPECT_FALSE(report->more);
  EXPECT_LE(report->removed, 3'999u);
  EXPECT_GT(report->removed, 3'800u);
  EXPECT_EQ(trim_below(c, "none", {5, 0})->removed, 0u);
}

TEST_F(stream_trim_test, removes_entries_where_blocks_are_larger_than_a_step) {
  run("CONFIG SET stream-node-max-entries 3000 stream-node-max-bytes 0");
  fill(10'000, 10);
  EXPECT_GE(trim_below(c, "k", {9'500, 0})->removed, 9'000u);
  run("CONFIG SET stream-node-max-entries 100 stream-node-max-bytes 4096");
}

TEST_F(stream_trim_test, cuts_a_stream_down_to_its_budget_and_keeps_the_newest) {
  fill(3'000, 4'000);
  ASSERT_GT(*stream_bytes(c, "k"), 11'000'000u);
  auto report = trim_to_bytes(c, "k", 2'000'000);
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->more);
  EXPECT_LE(*stream_bytes(c, "k"), 2'000'000u);
  EXPECT_GT(*stream_bytes(c, "k"), 1'500'000u);
  EXPECT_EQ(last_events(c, "k", 1)->front().id.ms, 3'000u);
  EXPECT_EQ(trim_to_bytes(c, "k", 2'000'000)->removed, 0u);
}

TEST_F(stream_trim_test, leaves_what_is_to_be_kept_whatever_the_budget) {
  fill(3'000, 4'000);
  ASSERT_TRUE(trim_to_bytes(c, "k", 4'000'000, stream_id{1'500, 0}).ok());
  EXPECT_EQ(read_stream_facts(c, "k")->first->ms, 1'500u);
  EXPECT_EQ(trim_to_bytes(c, "k", 4'000'000, stream_id{0, 0})->removed, 0u);
  // Where the budget leaves more, more stays.
  ASSERT_TRUE(trim_to_bytes(c, "k", 4'000'000, stream_id{2'900, 0}).ok());
  EXPECT_LE(*stream_bytes(c, "k"), 4'000'000u);
  EXPECT_GT(*stream_bytes(c, "k"), 3'000'000u);
}

TEST_F(stream_trim_test, leaves_it_also_where_blocks_are_larger_than_a_step) {
  run("CONFIG SET stream-node-max-entries 5000 stream-node-max-bytes 0");
  fill(12'000, 20);
  ASSERT_TRUE(trim_to_bytes(c, "k", 10, stream_id{10'500, 0}).ok());
  EXPECT_LE(read_stream_facts(c, "k")->first->ms, 10'500u);
  EXPECT_GT(read_stream_facts(c, "k")->first->ms, 5'000u);
  run("CONFIG SET stream-node-max-entries 100 stream-node-max-bytes 4096");
}

TEST_F(stream_trim_test, keeps_the_newest_entry_even_above_the_budget) {
  fill(3, 1'000'000);
  EXPECT_EQ(trim_to_bytes(c, "k", 10)->removed, 2u);
  EXPECT_EQ(*stream_bytes(c, "none"), 0u);
}

TEST_F(stream_trim_test, old_small_entries_do_not_hide_large_new_ones) {
  fill(2'000, 20);
  const std::string large(100'000, 'x');
  for (int i = 3'000; i < 3'100; ++i)
    c.append({"XADD", "k", std::to_string(i) + "-0", "s", large});
  ASSERT_TRUE(c.flush().ok());
  EXPECT_GT(*stream_bytes(c, "k"), 10'000'000u);
  ASSERT_FALSE(trim_to_bytes(c, "k", 5'000'000)->more);
  EXPECT_LE(*stream_bytes(c, "k"), 5'000'000u);
}

} // namespace tocsin::redis::incident_stream_test
