#include "streams/partition/commit_builder.hpp"

#include <gtest/gtest.h>

namespace tocsin {

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

incident_event event(int i, bool opened = true, std::int64_t cooldown_until_ms = 0) {
  incident_event e;
  e.opened = opened;
  e.id = "id" + std::to_string(i);
  e.about.name = "r";
  e.host = "h" + std::to_string(i);
  e.cooldown_until_ms = cooldown_until_ms;
  return e;
}

tick_outcome outcome(int events) {
  tick_outcome o;
  for (int i = 0; i < events; ++i)
    o.events.push_back(event(i));
  return o;
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
      for (const auto& e : parts[i].events) {
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
  tick_outcome o;
  o.events = {event(1, false, 60'000), event(2, false), event(3)};
  o.cooled = {{"r \"1\"", "x"}};
  const auto p = b.build(sealed(9), o)[0];
  EXPECT_EQ(p.open.remove, (std::vector<std::string>{"id1", "id2"}));
  ASSERT_EQ(p.open.set.size(), 1u);
  EXPECT_EQ(p.open.set[0].first, "id3");
  ASSERT_EQ(p.cooldowns.set.size(), 1u);
  EXPECT_EQ(p.cooldowns.set[0].first, R"(["r","h1"])");
  EXPECT_EQ(p.cooldowns.set[0].second, "60000");
  EXPECT_EQ(p.cooldowns.remove, (std::vector<std::string>{R"(["r \"1\"","x"])"}));
}

TEST(commit_builder_test, the_rest_of_a_tick_continues_its_parts) {
  commit_builder b("w", "hash", redis::progress_mark{"10000", "2/3", "77-1", "hash", "10000-2000"},
                   grid);
  const auto parts = b.build_rest(sealed(9), outcome(1'200));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_FALSE(parts[0].row);
  EXPECT_EQ(parts[0].next.part, "3/4");
  EXPECT_EQ(parts[1].next.part, "4/4");
  EXPECT_EQ(parts[0].events[0].id, (redis::stream_id{10'000, 2'001}));
}

TEST(commit_builder_test, parts_are_read_as_they_are_written) {
  EXPECT_EQ(read_part("2/7").k, 2u);
  EXPECT_EQ(read_part("2/7").m, 7u);
  EXPECT_FALSE(read_part("2/7").last());
  EXPECT_TRUE(read_part("7/7").last());
  for (const auto* bad : {"", "7", "7/", "/7", "a/b", "1/2x", "1-2"})
    EXPECT_EQ(read_part(bad).m, 0u) << bad;
}

} // namespace tocsin
