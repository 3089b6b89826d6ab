#include "streams/partition/commit_builder.hpp"

#include "tests/support/packed_events.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::commit_builder_test {

namespace {

const tick_grid grid{1'000, 200};

seal_record sealed(tick n, std::size_t hosts_set = 0, std::size_t hosts_removed = 0) {
  seal_record s;
  s.sealed = n;
  s.position = {77, 1};
  s.begin = {5, 0};
  s.non_blind = 3;
  s.heartbeat_seen = true;
  for (std::size_t i = 0; i < hosts_set; ++i)
    s.hosts.set.push_back({"set" + std::to_string(i), "{}"});
  for (std::size_t i = 0; i < hosts_removed; ++i)
    s.hosts.remove.push_back("gone" + std::to_string(i));
  return s;
}

// Events of rules "r" and "s", of which the first has a cooldown, on hosts h0, h1, …
struct partition {
  partition() {
    rule_set rules(2);
    rules[0].name = "r";
    rules[0].cooldown_ms = 50'000;
    rules[1].name = "s";
    cycle.emplace(rules, "t");
    for (std::size_t i = 0; i < 3'000; ++i)
      hosts.add(fmt::format("h{:04}", i));
  }
  tick_outcome step(std::int64_t end_ms, std::vector<verdict_change> changes) {
    return cycle->step(end_ms, {}, changes, hosts);
  }
  tick_outcome breaches(std::int64_t end_ms, rule_index r, host_index first, host_index count) {
    std::vector<verdict_change> changes;
    for (host_index h = first; h < first + count; ++h)
      changes.push_back({1, r, h & host_index_max, true, true});
    return step(end_ms, changes);
  }
  std::optional<life_cycle> cycle;
  host_table hosts{3'000};
};

tick_outcome outcome(host_index events) {
  return partition().breaches(10'000, 1, 0, events);
}

} // namespace

TEST(commit_builder_test, a_quiet_tick_is_one_part_with_its_row) {
  commit_builder b("w:n:1", "hash", std::nullopt, grid);
  const auto parts = b.build(sealed(9), {});
  ASSERT_EQ(parts.size(), 1u);
  const auto& p = parts[0];
  EXPECT_EQ(p.owner, "w:n:1");
  EXPECT_FALSE(p.expected);
  EXPECT_EQ(p.next, (redis::progress_mark{"10000", "1/1", "77-1", "hash", "0-0"}));
  ASSERT_TRUE(p.row);
  EXPECT_EQ(*p.row, (redis::tick_row{
                        10'000,
                        "77-1",
                        false,
                        3,
                        "hash",
                        {{"begin", "5-0"}, {"hb", "1"}, {"interval", "1000"}, {"grace", "200"}}}));
  EXPECT_TRUE(p.events.empty());
}

TEST(commit_builder_test, each_part_expects_what_the_one_before_it_left) {
  commit_builder b("w", "hash", redis::progress_mark{"9000", "1/1", "70-0", "hash", "8000-41"},
                   grid);
  std::optional<redis::progress_mark> mark =
      redis::progress_mark{"9000", "1/1", "70-0", "hash", "8000-41"};
  std::uint64_t seq = 41;
  for (tick n = 9; n < 12; ++n) {
    const auto parts = b.build(sealed(n), outcome(2'001));
    ASSERT_EQ(parts.size(), 3u);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      EXPECT_EQ(parts[i].expected, mark);
      EXPECT_EQ(parts[i].row.has_value(), i == 0);
      EXPECT_EQ(parts[i].next.part, std::to_string(i + 1) + "/3");
      EXPECT_LE(parts[i].events.size(), redis::commit_part::events_max);
      for (const auto& e : test::entries_of(parts[i].events)) {
        EXPECT_EQ(e.id, (redis::stream_id{static_cast<std::uint64_t>(grid.end_ms(n)), ++seq}));
        EXPECT_EQ(e.fields[2].second, std::to_string(seq));
      }
      mark = parts[i].next;
      EXPECT_EQ(mark->last_event_id, std::to_string(grid.end_ms(n)) + "-" + std::to_string(seq));
    }
  }
}

TEST(commit_builder_test, hosts_are_removed_with_the_last_part_only) {
  commit_builder b("w", "hash", std::nullopt, grid);
  const auto parts = b.build(sealed(9, 4'500, 3), outcome(1'500));
  ASSERT_EQ(parts.size(), 3u);
  std::size_t set = 0;
  for (const auto& p : parts) {
    set += p.hosts.set.size();
    EXPECT_LE(p.hosts.set.size(), 2'000u);
    EXPECT_EQ(p.hosts.remove.size(), &p == &parts.back() ? 3u : 0u);
  }
  EXPECT_EQ(set, 4'500u);
}

TEST(commit_builder_test, open_incidents_and_cooldowns_go_with_their_events) {
  commit_builder b("w", "hash", std::nullopt, grid);
  partition p;
  p.cycle->restore_open(0, 1, 500, 1);
  p.cycle->restore_open(1, 2, 500, 1);
  p.cycle->restore_forgotten_cooldown({"r \"1\"", "x"});
  auto o = p.step(10'000, {{0, 0, 1, false, true}, {0, 1, 2, false, true}, {7, 1, 3, true, true}});
  const auto part = b.build(sealed(9), std::move(o))[0];
  EXPECT_EQ(part.open.remove, (std::vector{incident_id("t", "r", "h0001", 500),
                                           incident_id("t", "s", "h0002", 500)}));
  ASSERT_EQ(part.open.set.size(), 1u);
  EXPECT_EQ(part.open.set[0].first, incident_id("t", "s", "h0003", 10'000));
  ASSERT_EQ(part.cooldowns.set.size(), 1u);
  EXPECT_EQ(part.cooldowns.set[0].first, R"(["r","h0001"])");
  EXPECT_EQ(part.cooldowns.set[0].second, "60000");
  EXPECT_EQ(part.cooldowns.remove, (std::vector<std::string>{R"(["r \"1\"","x"])"}));
}

TEST(commit_builder_test, ticks_are_built_part_by_part_while_others_are_under_way) {
  partition p;
  commit_builder b("w", "hash", std::nullopt, grid);
  auto first = p.breaches(10'000, 0, 0, 1'500);
  // Hosts may be forgotten and their places given away before the tick is built.
  p.hosts.forget(1'400);
  p.hosts.release_forgotten();
  ASSERT_EQ(p.hosts.add("another"), 1'400u);
  b.begin(std::make_shared<seal_record>(sealed(9)), std::move(first));
  EXPECT_EQ(b.parts_left(), 2u);
  b.next();
  const auto rest = test::entries_of(b.next().events);
  EXPECT_EQ(b.parts_left(), 0u);
  ASSERT_EQ(rest.size(), 500u);
  EXPECT_EQ(rest[400].fields[5].second, "h1400");
}

TEST(commit_builder_test, the_rest_of_a_tick_continues_its_parts) {
  commit_builder b("w", "hash", redis::progress_mark{"10000", "2/3", "77-1", "hash", "10000-2000"},
                   grid);
  b.begin_rest(std::make_shared<seal_record>(sealed(9)), outcome(1'200));
  const std::vector<redis::commit_part> parts = {b.next(), b.next()};
  EXPECT_EQ(b.parts_left(), 0u);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_FALSE(parts[0].row);
  EXPECT_EQ(parts[0].next.part, "3/4");
  EXPECT_EQ(parts[1].next.part, "4/4");
  EXPECT_EQ(test::entries_of(parts[0].events)[0].id, (redis::stream_id{10'000, 2'001}));
}

TEST(commit_builder_test, parts_are_read_as_they_are_written) {
  EXPECT_EQ(read_part("2/7").k, 2u);
  EXPECT_EQ(read_part("2/7").m, 7u);
  EXPECT_FALSE(read_part("2/7").last());
  EXPECT_TRUE(read_part("7/7").last());
  for (const auto* bad : {"", "7", "7/", "/7", "a/b", "1/2x", "1-2"})
    EXPECT_EQ(read_part(bad).m, 0u) << bad;
}

} // namespace tocsin::commit_builder_test
