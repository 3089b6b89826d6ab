#include "streams/redis/sample_log.hpp"

#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::sample_log_test {

using test::redis_server;

class sample_log_test : public test::redis_test {
protected:
  const std::string key = "tocsin:{0}:samples";
  read_pace pace;
};

TEST_F(sample_log_test, gives_entries_back_in_order_with_the_clock_before_them) {
  const std::vector<log_payload> in = {{"s", "{}"}, {"z", std::string("\0\xff", 2)}, {"hb", ""}};
  auto appended = append_to_log(c, key, in);
  ASSERT_TRUE(appended.ok());
  auto batch = read_log(c, key, {}, pace);
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->entries.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(batch->entries[i].id, *(*appended)[i]);
    EXPECT_EQ(batch->entries[i].form, in[i].form);
    EXPECT_EQ(batch->entries[i].bytes, in[i].bytes);
  }
  EXPECT_TRUE(batch->at_end);
  EXPECT_GE(batch->server_time_ms, static_cast<std::int64_t>(batch->entries[2].id.ms));
  auto rest = read_log(c, key, batch->entries[2].id, pace);
  EXPECT_TRUE(rest->entries.empty());
  EXPECT_TRUE(rest->at_end);
}

TEST_F(sample_log_test, takes_an_entry_of_1_mib_and_refuses_a_longer_one_by_name) {
  const std::string mib(log_entry_bytes_max, 'x');
  const std::vector<log_payload> in = {{"s", mib}, {"s", mib + "x"}, {"s", "{}"}};
  auto appended = append_to_log(c, key, in);
  ASSERT_TRUE(appended.ok());
  EXPECT_TRUE((*appended)[0].ok());
  EXPECT_EQ((*appended)[1].failure().code, "TOOLARGE");
  EXPECT_TRUE((*appended)[2].ok());
  auto batch = read_log(c, key, {}, pace);
  ASSERT_EQ(batch->entries.size(), 2u);
  EXPECT_EQ(batch->entries[0].bytes, mib);
}

TEST_F(sample_log_test, an_entry_with_several_fields_has_no_form) {
  run("XADD " + key + " * a 1 b 2");
  auto batch = read_log(c, key, {}, pace);
  ASSERT_EQ(batch->entries.size(), 1u);
  EXPECT_EQ(batch->entries[0].form, "");
}

TEST_F(sample_log_test, a_key_of_another_type_is_a_refusal_of_each_entry) {
  run("SET " + key + " x");
  const std::vector<log_payload> in = {{"s", "{}"}};
  auto appended = append_to_log(c, key, in);
  ASSERT_TRUE(appended.ok());
  EXPECT_EQ((*appended)[0].failure().code, "WRONGTYPE");
  EXPECT_FALSE(read_log(c, key, {}, pace).ok());
  EXPECT_FALSE(c.broken());
}

TEST_F(sample_log_test, reads_on_to_the_end_in_growing_steps) {
  const std::vector<log_payload> in(1'000, {"s", "{}"});
  ASSERT_TRUE(append_to_log(c, key, in).ok());
  stream_id after;
  std::vector<std::size_t> sizes;
  for (bool at_end = false; !at_end;) {
    auto batch = read_log(c, key, after, pace);
    ASSERT_TRUE(batch.ok());
    at_end = batch->at_end;
    sizes.push_back(batch->entries.size());
    after = batch->entries.empty() ? after : batch->entries.back().id;
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{32, 64, 128, 256, 256, 256, 8}));
}

namespace {

// All that a range gives, and how it ended.
struct range_read {
  std::vector<stream_id> ids;
  std::size_t batches = 0;
  bool failed = false;
};
range_read read_all(log_range& range) {
  range_read out;
  for (;;) {
    const auto batch = range.next();
    out.failed = !batch.ok();
    if (out.failed || batch->empty())
      return out;
    ++out.batches;
    for (const auto& e : *batch)
      out.ids.push_back(e.id);
  }
}

} // namespace

TEST_F(sample_log_test, a_range_is_read_whole_and_leaves_the_connection_free) {
  const std::vector<log_payload> in(700, {"s", "{}"});
  const auto appended = append_to_log(c, key, in);
  ASSERT_TRUE(appended.ok());
  std::vector<stream_id> ids;
  for (const auto& a : *appended)
    ids.push_back(*a);
  const std::pair<std::size_t, std::size_t> ranges[] = {{0, 700}, {0, 32},   {5, 6},
                                                        {5, 5},   {99, 350}, {3, 35}};
  for (const auto& [from, to] : ranges) {
    SCOPED_TRACE(from);
    log_range range(c, key, from == 0 ? stream_id{} : ids[from - 1],
                    to == 0 ? stream_id{} : ids[to - 1]);
    const auto got = read_all(range);
    EXPECT_FALSE(got.failed);
    EXPECT_EQ(got.ids, std::vector(ids.begin() + static_cast<std::ptrdiff_t>(from),
                                   ids.begin() + static_cast<std::ptrdiff_t>(to)));
    EXPECT_TRUE(c.server_time_ms().ok());
    EXPECT_TRUE(range.next()->empty());
  }
  log_range beyond(c, key, {}, {UINT64_MAX, 0});
  EXPECT_EQ(read_all(beyond).ids, ids);
}

TEST_F(sample_log_test, a_range_that_is_left_in_the_middle_leaves_the_connection_free) {
  const std::vector<log_payload> in(700, {"s", "{}"});
  ASSERT_TRUE(append_to_log(c, key, in).ok());
  {
    log_range range(c, key, {}, {UINT64_MAX, 0});
    EXPECT_EQ(range.next()->size(), 32u);
  }
  EXPECT_TRUE(c.server_time_ms().ok());
}

TEST_F(sample_log_test, a_range_fails_when_redis_goes_in_the_middle) {
  const std::vector<log_payload> in(700, {"s", std::string(10'000, 'x')});
  ASSERT_TRUE(append_to_log(c, key, in).ok());
  auto own = server().connect();
  log_range range(own, key, {}, {UINT64_MAX, 0});
  EXPECT_TRUE(range.next().ok());
  ASSERT_TRUE(c.call({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).ok());
  EXPECT_TRUE(read_all(range).failed);
  EXPECT_FALSE(range.next().ok());
}

TEST_F(sample_log_test, knows_its_ends_and_whether_an_entry_exists) {
  auto none = read_stream_facts(c, key);
  ASSERT_TRUE(none.ok()) << none.failure().message;
  EXPECT_FALSE(none->last.has_value());
  for (const char* id : {"5-1", "6-0", "7-0"})
    run("XADD " + key + " " + id + " s x");
  run("XDEL " + key + " 7-0");
  auto facts = read_stream_facts(c, key);
  EXPECT_EQ(facts->length, 2u);
  EXPECT_EQ(facts->first, (stream_id{5, 1}));
  EXPECT_EQ(facts->last, (stream_id{6, 0}));
  EXPECT_EQ(facts->last_generated, (stream_id{7, 0}));
  EXPECT_TRUE(*entry_exists(c, key, {6, 0}));
  EXPECT_FALSE(*entry_exists(c, key, {7, 0}));
}

TEST_F(sample_log_test, waiting_ends_with_an_entry_or_with_silence) {
  EXPECT_EQ(*wait_for_log(c, key, {}, 20), log_wait::silence);
  run("XADD " + key + " 5-0 s x");
  EXPECT_EQ(*wait_for_log(c, key, {}, 5'000), log_wait::entry);
  EXPECT_EQ(*wait_for_log(c, key, {5, 0}, 20), log_wait::silence);
}

TEST(sample_log, waiting_on_a_server_that_stands_still_ends_by_our_own_clock) {
  redis_server server;
  auto c = server.connect();
  server.signal(SIGSTOP);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(*wait_for_log(c, "k", {}, 20), log_wait::stalled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_TRUE(c.broken());
  server.signal(SIGCONT);
}

TEST(sample_log, a_full_redis_refuses_entries_by_name_and_keeps_the_connection) {
  redis_server server({"--maxmemory", "3mb"});
  auto c = server.connect();
  const std::vector<log_payload> in(8, {"s", std::string(512 * 1024, 'x')});
  auto appended = append_to_log(c, "k", in);
  ASSERT_TRUE(appended.ok());
  EXPECT_TRUE(appended->front().ok());
  ASSERT_FALSE(appended->back().ok());
  EXPECT_EQ(appended->back().failure().code, "OOM");
  EXPECT_FALSE(c.broken());
}

TEST(sample_log, a_read_only_replica_refuses_entries_by_name) {
  redis_server server({"--replicaof", "127.0.0.1 1"});
  auto c = server.connect();
  const std::vector<log_payload> in = {{"s", "{}"}};
  EXPECT_EQ((*append_to_log(c, "k", in))[0].failure().code, "READONLY");
}

TEST(sample_log, a_lost_connection_is_a_failure_of_the_whole_call) {
  redis_server server;
  auto c = server.connect();
  server.kill();
  const std::vector<log_payload> in = {{"s", "{}"}};
  EXPECT_FALSE(append_to_log(c, "k", in).ok());
}

TEST(read_pace, falls_back_as_soon_as_replies_are_large) {
  read_pace pace;
  for (int i = 0; i < 10; ++i)
    pace.note(pace.count(), 1'000);
  EXPECT_EQ(pace.count(), read_pace::count_max);
  pace.note(10, 100);
  EXPECT_EQ(pace.count(), read_pace::count_max);
  pace.note(pace.count(), 5 << 20);
  EXPECT_EQ(pace.count(), read_pace::count_min);
  pace.note(pace.count(), 2 << 20);
  EXPECT_EQ(pace.count(), read_pace::count_min);
}

} // namespace tocsin::redis::sample_log_test
