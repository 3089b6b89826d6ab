#include "streams/redis/commit.hpp"

#include "streams/redis/incident_stream.hpp"
#include "streams/redis/lease.hpp"
#include "streams/redis/partition_state.hpp"
#include "streams/redis/sample_log.hpp"
#include "tests/support/packed_events.hpp"
#include "tests/support/redis_fixture.hpp"

namespace tocsin::redis::commit_test {

using test::redis_server;

namespace {

const partition_keys keys("tocsin", "0");
const std::string owner = "w:abc:1";

std::uint64_t beat_of(connection& c) {
  return std::stoull(read_lease(c, keys)->beat);
}

progress_mark mark(std::int64_t end_ms, const std::string& part, const std::string& last_event) {
  return {std::to_string(end_ms), part, "77-1", "rules", last_event};
}

/// Part 1 of 2 of the tick that ends at 10000, of a new partition: two events.
commit_part first_part() {
  commit_part p;
  p.owner = owner;
  p.next = mark(10'000, "1/2", "10000-1");
  p.row = tick_row{10'000, "77-1", true, 1, "rules", {{"extra", "x"}}};
  p.events = {{{10'000, 0}, {{"event", "opened"}, {"id", "a"}}},
              {{10'000, 1}, {{"event", "opened"}, {"id", "b"}}}};
  p.open.set = {{"a", "{\"id\":\"a\"}"}, {"b", "{}"}};
  return p;
}

/// Part 2 of 2: resolves one of them.
commit_part second_part() {
  commit_part p;
  p.owner = owner;
  p.expected = first_part().next;
  p.next = mark(10'000, "2/2", "10000-2");
  p.events = {{{10'000, 2}, {{"event", "resolved"}, {"id", "a"}}}};
  p.open.remove = {"a"};
  p.cooldowns.set = {{"rule host", "12000"}};
  p.hosts.set = {{"host", "{}"}};
  return p;
}

} // namespace

class commit_test : public test::redis_test {
protected:
  void SetUp() override {
    redis_test::SetUp();
    ASSERT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
  }
  commit_outcome commit_now(const commit_part& p) {
    auto r = commit(c, keys, p);
    EXPECT_TRUE(r.ok()) << (r ? "" : r.failure().message);
    return r ? *r : commit_outcome::lost;
  }
  std::vector<stream_entry> events() { return *events_after(c, keys.incidents, {}, 100); }
  /// Everything that a partition keeps but its lease, in one text.
  std::string everything() {
    std::string all;
    for (const auto* key : {&keys.ticks, &keys.incidents}) {
      const auto entries = events_after(c, *key, {}, 1'000);
      for (const auto& e : *entries) {
        all += e.id.text();
        for (const auto& [f, v] : e.fields)
          all += ' ' + f + '=' + v;
        all += '\n';
      }
    }
    for (const auto* key : {&keys.open, &keys.cooldowns, &keys.hosts, &keys.progress}) {
      const auto fields = run("HGETALL " + *key);
      for (const auto& r : fields.elements)
        all += r.text + '\n';
    }
    return all;
  }
};

TEST_F(commit_test, writes_row_events_hashes_and_progress) {
  EXPECT_EQ(commit_now(first_part()), commit_outcome::committed);
  EXPECT_EQ(commit_now(second_part()), commit_outcome::committed);
  ASSERT_EQ(events().size(), 3u);
  EXPECT_EQ(events()[1], test::entries_of(first_part().events)[1]);
  EXPECT_EQ(*last_tick(c, keys), first_part().row);
  EXPECT_EQ(*load_progress(c, keys), second_part().next);
  EXPECT_EQ(run("HGETALL " + keys.open).elements.size(), 2u);
  EXPECT_EQ(c.call({"HGET", keys.cooldowns, "rule host"})->text, "12000");
  EXPECT_EQ(run("HGET " + keys.hosts + " host").text, "{}");
}

TEST_F(commit_test, the_same_part_again_is_a_duplicate_and_changes_nothing) {
  commit_now(first_part());
  const auto before = everything();
  EXPECT_EQ(commit_now(first_part()), commit_outcome::duplicate);
  EXPECT_EQ(everything(), before);
}

TEST_F(commit_test, the_beat_of_the_lease_moves_with_each_commit) {
  const auto before = beat_of(c);
  commit_now(first_part());
  EXPECT_EQ(beat_of(c), before + 1);
  commit_now(first_part());
  EXPECT_EQ(beat_of(c), before + 2);
}

// What a script that ended in its middle leaves behind is the beginning of this list of writes.
TEST_F(commit_test, a_half_done_first_part_is_healed_by_sending_it_again) {
  commit_now(first_part());
  const auto whole = everything();
  const std::vector<std::string> writes = {
      "XADD " + keys.ticks + " 10000-0 logId 77-1 blind 1 nonBlind 1 rules rules extra x",
      "XADD " + keys.incidents + " 10000-0 event opened id a",
      "XADD " + keys.incidents + " 10000-1 event opened id b",
      "HSET " + keys.open + " a {\"id\":\"a\"} b {}",
  };
  for (std::size_t n = 0; n <= writes.size(); ++n) {
    run("FLUSHALL");
    ASSERT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
    for (std::size_t i = 0; i < n; ++i)
      run(writes[i]);
    EXPECT_EQ(commit_now(first_part()), commit_outcome::committed) << n;
    EXPECT_EQ(everything(), whole) << n;
  }
}

TEST_F(commit_test, a_half_done_later_part_is_healed_by_sending_it_again) {
  commit_now(first_part());
  run("XADD " + keys.incidents + " 10000-2 event resolved id a");
  run("HDEL " + keys.open + " a");
  EXPECT_EQ(commit_now(second_part()), commit_outcome::committed);
  ASSERT_EQ(events().size(), 3u);
  EXPECT_EQ(events()[2], test::entries_of(second_part().events)[0]);
}

TEST_F(commit_test, another_progress_than_expected_is_lost_and_writes_nothing) {
  commit_now(first_part());
  const auto before = everything();
  for (const auto field : {&progress_mark::tick, &progress_mark::part, &progress_mark::log_id,
                           &progress_mark::rules, &progress_mark::last_event_id}) {
    auto p = second_part();
    (*p.expected).*field = "other";
    EXPECT_EQ(commit_now(p), commit_outcome::lost);
  }
  EXPECT_EQ(everything(), before);
}

TEST_F(commit_test, missing_progress_beside_rows_events_or_hashes_is_lost_and_never_new) {
  auto later = first_part();
  later.row->end_ms = 20'000;
  later.next = mark(20'000, "1/1", "20000-0");
  later.events = {{{20'000, 0}, {{"event", "opened"}}}};
  for (const auto& [key, command] : std::vector<std::pair<std::string, std::string>>{
           {keys.ticks, "XADD K 10000-0 logId 1-1"},
           {keys.incidents, "XADD K 10000-0 event opened"},
           {keys.open, "HSET K a 1"},
           {keys.cooldowns, "HSET K a 1"},
           {keys.hosts, "HSET K a 1"}}) {
    run("FLUSHALL");
    ASSERT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
    auto words = command;
    words.replace(words.find('K'), 1, key);
    run(words);
    EXPECT_EQ(commit_now(later), commit_outcome::lost) << key;
    EXPECT_FALSE(load_progress(c, keys)->has_value());
  }
}

TEST_F(commit_test, progress_that_vanished_is_lost) {
  commit_now(first_part());
  run("DEL " + keys.progress);
  EXPECT_EQ(commit_now(second_part()), commit_outcome::lost);
  EXPECT_EQ(events().size(), 2u);
}

TEST_F(commit_test, samples_in_the_log_do_not_make_a_partition_old) {
  run("XADD " + keys.samples + " * s {}");
  EXPECT_EQ(commit_now(first_part()), commit_outcome::committed);
}

TEST_F(commit_test, a_stolen_lease_fences_and_writes_nothing) {
  const auto seen = *read_lease(c, keys);
  ASSERT_EQ(*acquire_lease(c, keys, "thief:x:2", seen), lease_outcome::held);
  const auto beat = beat_of(c);
  EXPECT_EQ(commit_now(first_part()), commit_outcome::fenced);
  EXPECT_EQ(everything(), "");
  EXPECT_EQ(beat_of(c), beat);
}

TEST_F(commit_test, a_key_of_the_wrong_type_is_named_and_nothing_is_written) {
  for (const auto* key : {&keys.samples, &keys.ticks, &keys.incidents, &keys.open, &keys.cooldowns,
                          &keys.hosts, &keys.progress}) {
    run("FLUSHALL");
    ASSERT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
    run("SET " + *key + " x");
    auto r = commit(c, keys, first_part());
    ASSERT_FALSE(r.ok()) << *key;
    EXPECT_NE(r.failure().message.find("WRONGTYPE " + *key), std::string::npos)
        << r.failure().message;
    run("DEL " + *key);
    EXPECT_EQ(everything(), "") << *key;
    EXPECT_EQ(commit_now(first_part()), commit_outcome::committed);
  }
}

TEST_F(commit_test, events_that_a_stranger_made_impossible_are_a_failure_and_not_dropped) {
  commit_now(first_part());
  run("XADD " + keys.incidents + " 99999-0 event mine");
  auto r = commit(c, keys, second_part());
  ASSERT_FALSE(r.ok());
  EXPECT_NE(r.failure().message.find("FOREIGN " + keys.incidents), std::string::npos)
      << r.failure().message;
  EXPECT_EQ(*load_progress(c, keys), first_part().next);
}

TEST_F(commit_test, takes_a_thousand_events_and_a_hundred_thousand_hosts_at_once) {
  auto p = first_part();
  p.events = {};
  p.open.set.clear();
  for (unsigned i = 0; i < commit_part::events_max; ++i) {
    const auto id = "incident" + std::to_string(i);
    p.events.add({10'000, i}, std::vector<std::string_view>{"event", "opened", "id", id});
    p.open.set.emplace_back(id, std::string(300, 'x'));
  }
  for (unsigned i = 0; i < 100'000; ++i)
    p.hosts.set.emplace_back("host" + std::to_string(i), "{\"cpu.usage\":10000}");
  EXPECT_EQ(commit_now(p), commit_outcome::committed);
  EXPECT_EQ(run("XLEN " + keys.incidents).number, 1'000);
  EXPECT_EQ(run("HLEN " + keys.open).number, 1'000);
  EXPECT_EQ(run("HLEN " + keys.hosts).number, 100'000);
  std::size_t seen = 0;
  ASSERT_TRUE(scan_hash(c, keys.hosts, [&](auto, auto) { ++seen; }).ok());
  EXPECT_GE(seen, 100'000u);
}

TEST_F(commit_test, a_part_beyond_its_bounds_is_refused) {
  auto p = first_part();
  for (unsigned i = 0; i < commit_part::events_max; ++i)
    p.events.add({10'001, i}, std::vector<std::string_view>{"event", "opened"});
  EXPECT_FALSE(commit(c, keys, p).ok());
  p = first_part();
  p.row.reset();
  EXPECT_FALSE(commit(c, keys, p).ok());
}

TEST_F(commit_test, works_again_after_redis_forgot_its_scripts) {
  commit_now(first_part());
  run("SCRIPT FLUSH");
  EXPECT_EQ(commit_now(second_part()), commit_outcome::committed);
}

TEST(commit, a_full_redis_refuses_samples_and_takes_leases_and_commits) {
  redis_server server;
  auto c = server.connect();
  const std::vector<log_payload> in(1, {"s", "{}"});
  ASSERT_TRUE((*append_to_log(c, keys.samples, in))[0].ok());
  ASSERT_TRUE(c.call({"CONFIG", "SET", "maxmemory", "1"}).ok());
  ASSERT_EQ((*append_to_log(c, keys.samples, in))[0].failure().code, "OOM");
  EXPECT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
  EXPECT_EQ(*beat_lease(c, keys, owner), lease_outcome::held);
  auto r = commit(c, keys, first_part());
  ASSERT_TRUE(r.ok()) << r.failure().message;
  EXPECT_EQ(*r, commit_outcome::committed);
  EXPECT_EQ(*commit(c, keys, second_part()), commit_outcome::committed);
  EXPECT_EQ(*release_lease(c, keys, owner), lease_outcome::held);
  EXPECT_EQ(events_after(c, keys.incidents, {}, 100)->size(), 3u);
}

TEST(commit, a_read_only_replica_refuses_and_nothing_is_written) {
  redis_server server;
  auto c = server.connect();
  ASSERT_EQ(*acquire_lease(c, keys, owner, {}), lease_outcome::held);
  ASSERT_TRUE(c.call({"REPLICAOF", "127.0.0.1", "1"}).ok());
  auto r = commit(c, keys, first_part());
  ASSERT_FALSE(r.ok());
  EXPECT_NE(r.failure().message.find("READONLY"), std::string::npos) << r.failure().message;
  EXPECT_FALSE(c.broken());
}

} // namespace tocsin::redis::commit_test
