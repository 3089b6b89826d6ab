#include "streams/window/field_table.hpp"
#include "streams/window/host_table.hpp"
#include "streams/window/open_ticks.hpp"
#include "streams/window/tick_ring.hpp"
#include "tests/support/colliding_names.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace tocsin::tables_test {

TEST(host_table_test, names_and_indexes_agree_with_a_map) {
  host_table table(2'500);
  std::map<std::string, host_index> naive;
  std::vector<host_index> forgotten;
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto name = std::string("h").append(std::to_string(random() % 3'000));
    const auto found = table.find(name);
    ASSERT_EQ(found.has_value(), naive.contains(name));
    if (found) {
      ASSERT_EQ(*found, naive[name]);
      if (random() % 2) {
        table.forget(*found);
        ASSERT_EQ(table.name(*found), name); // readable until it is released
        forgotten.push_back(*found);
        naive.erase(name);
      }
    } else if (const auto made = table.add(name)) {
      for (const auto& [other, index] : naive) {
        ASSERT_NE(index, *made) << other;
      }
      ASSERT_EQ(std::count(forgotten.begin(), forgotten.end(), *made), 0);
      ASSERT_TRUE(table.at(*made).known && table.at(*made).last_sample == tick_min);
      naive[name] = *made;
    } else {
      ASSERT_EQ(naive.size() + forgotten.size(), 2'500u);
    }
    if (random() % 300 == 0) {
      table.release_forgotten();
      forgotten.clear();
    }
    ASSERT_EQ(table.size(), naive.size());
  }
  EXPECT_LE(table.extent(), 2'500u);
  EXPECT_EQ(table.blocks(), (table.extent() + block_hosts - 1) / block_hosts);
}

TEST(host_table_test, hosts_whose_names_were_made_to_collide_cost_what_others_do) {
  constexpr std::size_t n = 100'000;
  const auto take = [](const std::vector<std::string>& names) {
    host_table table(n);
    for (const auto& name : names)
      ASSERT_TRUE(table.add(name));
    for (const auto& name : names)
      ASSERT_TRUE(table.find(name));
  };
  const auto hostile = names_of_one_name_hash(n);
  ASSERT_EQ(static_cast<std::uint32_t>(keyless_name_hash(hostile[0])),
            static_cast<std::uint32_t>(keyless_name_hash(hostile[n - 1])));
  const auto plain = cpu_seconds([&] { take(names_of_no_pattern(n)); });
  EXPECT_LT(cpu_seconds([&] { take(hostile); }), 10 * plain + 0.05); // was a minute
}

TEST(field_table_test, fields_are_bounded_and_know_how_they_merge) {
  field_table table(3);
  EXPECT_EQ(table.add("a.count"), 0u);
  EXPECT_EQ(table.add("b_sum"), 1u);
  EXPECT_EQ(table.add("count"), 2u);
  EXPECT_FALSE(table.add("d"));
  EXPECT_EQ(table.add("b_sum"), 1u);
  EXPECT_EQ(table.find("count"), 2u);
  EXPECT_FALSE(table.find("d"));
  EXPECT_EQ(table.merge(0), merging::adding);
  EXPECT_EQ(table.merge(1), merging::adding);
  EXPECT_EQ(table.merge(2), merging::newest);
}

TEST(field_block_test, a_row_belongs_to_one_tick_and_begins_empty) {
  field_block block(3);
  EXPECT_EQ(block.find(7), nullptr);
  block.claim(7)[5] = 1;
  EXPECT_EQ(block.find(7)[5], 1);
  EXPECT_EQ(block.find(10), nullptr); // the same slot
  EXPECT_EQ(block.find(4), nullptr);
  EXPECT_TRUE(std::isnan(block.claim(10)[5]));
  EXPECT_EQ(block.find(7), nullptr);
  EXPECT_EQ(block.first(5), tick_max);
}

TEST(field_block_test, a_cleared_host_leaves_the_others_alone) {
  field_block block(3);
  block.claim(7)[5] = block.claim(7)[6] = 1;
  block.set_first(5, 7);
  block.clear_host(5);
  EXPECT_TRUE(std::isnan(block.find(7)[5]));
  EXPECT_EQ(block.find(7)[6], 1);
  EXPECT_EQ(block.first(5), tick_max);
}

TEST(tick_ring_test, a_ring_holds_its_window_and_every_open_tick) {
  const tick_grid grid{1'000, 2'500};
  tick_ring ring(grid, 3'000, 2);
  ring.add_field(0, 60);
  ring.add_field(1, 1);
  EXPECT_EQ(ring.find(0, 2), nullptr);
  EXPECT_EQ(ring.bytes(), 0u);
  EXPECT_EQ(ring.at(0, 2).depth(), 60u + 2 + static_cast<std::size_t>(grid.ticks_ahead()));
  EXPECT_EQ(ring.reach(0), 59);
  EXPECT_EQ(ring.reach(1), 1); // the tick before the newest is always needed
  EXPECT_EQ(ring.find(0, 2), &ring.at(0, 2));
  EXPECT_EQ(ring.bytes(), field_block::bytes(ring.at(0, 2).depth()));
  EXPECT_EQ(ring.sealed(), tick_min);
  ring.publish(5);
  EXPECT_EQ(ring.sealed(), 5);
}

TEST(open_ticks_test, values_of_a_place_are_ordered_by_their_time) {
  using place = open_ticks::place;
  open_ticks open({1'000, 0});
  EXPECT_EQ(open.take(1, 2, 5, {5'500, true}), place::empty);
  EXPECT_EQ(open.take(1, 2, 5, {5'400, true}), place::older);
  EXPECT_EQ(open.take(1, 2, 5, {5'500, false}), place::newer); // of equal times the later
  EXPECT_EQ(open.take(1, 2, 5, {5'999, true}), place::newer);
  for (const std::int64_t ms : {5'400, 5'500, 5'999})
    EXPECT_EQ(open.take(1, 2, 5, {ms, true}), place::repeated) << ms;
  EXPECT_EQ(open.take(1, 2, 5, {5'999, false}), place::newer);
  EXPECT_EQ(open.take(2, 2, 5, {5'400, true}), place::empty);
  EXPECT_EQ(open.take(1, 3, 5, {5'400, true}), place::empty);
  EXPECT_EQ(open.take(1, 2, 6, {6'000, true}), place::empty);
}

TEST(host_table_test, a_filter_knows_the_hosts_of_its_moment) {
  host_table table(4'000);
  for (int i = 0; i < 4'000; ++i)
    ASSERT_TRUE(table.add(fmt::format("h{}", i)));
  EXPECT_TRUE(table.full());
  const auto filter = table.filter();
  int taken_for_known = 0;
  for (int i = 0; i < 4'000; ++i) {
    EXPECT_TRUE(filter.may_know(fmt::format("h{}", i)));
    taken_for_known += filter.may_know(fmt::format("other{}", i));
  }
  EXPECT_LE(taken_for_known, 2);
  const auto version = table.version();
  table.forget(*table.find("h7"));
  EXPECT_NE(table.version(), version);
  EXPECT_TRUE(table.full()); // its index is free one seal later
  table.release_forgotten();
  EXPECT_FALSE(table.full());
  EXPECT_FALSE(table.filter().may_know("h7"));
  EXPECT_TRUE(filter.may_know("h7"));
}

TEST(open_ticks_test, further_values_of_all_open_ticks_are_counted_together) {
  open_ticks open({1'000, 1'000});
  open.take(1, 2, 10, {10'001, true});
  for (std::int64_t i = 0; i < 50; ++i)
    for (const tick n : {10, 11})
      open.take(1, 2, n, {n * 1'000 + 10 + i, true});
  EXPECT_EQ(open.repetitions(), 50u + 49u);
  open.close(10);
  EXPECT_EQ(open.repetitions(), 49u);
  open.clear_host(1);
  EXPECT_EQ(open.repetitions(), 0u);
}

TEST(open_ticks_test, values_of_several_servers_do_not_repeat_each_other) {
  using place = open_ticks::place;
  open_ticks open({1'000, 0});
  const auto take = [&](std::int64_t ms, open_ticks::server_key server, host_index host = 1) {
    return open.take(host, 2, 5, {ms, true, server});
  };
  EXPECT_EQ(take(5'500, 0, 9), place::empty); // before any of the block names a server
  EXPECT_EQ(take(5'500, 7), place::empty);
  EXPECT_EQ(take(5'500, 8), place::newer);
  EXPECT_EQ(take(5'500, 0), place::newer);
  EXPECT_EQ(take(5'400, 8), place::older);
  EXPECT_EQ(take(5'600, 7), place::newer);
  for (const auto& [ms, server] : std::vector<std::pair<std::int64_t, open_ticks::server_key>>{
           {5'500, 7}, {5'500, 8}, {5'500, 0}, {5'400, 8}, {5'600, 7}})
    EXPECT_EQ(take(ms, server), place::repeated) << ms << " " << server;
  EXPECT_EQ(take(5'600, 8), place::newer);
  EXPECT_EQ(take(5'500, 0, 9), place::repeated);
  EXPECT_EQ(take(5'500, 7, 9), place::newer);
  EXPECT_EQ(open.take(1, 2, 7, {7'500, true}), place::empty); // the slot again, without servers
  EXPECT_EQ(open.take(1, 2, 7, {7'500, true, 8}), place::newer);
}

TEST(server_sightings_test, servers_count_while_they_report_and_are_bounded) {
  server_sightings seen;
  EXPECT_EQ(seen.count(0), 0u);
  seen.note(1, 10);
  seen.note(2, 10);
  seen.note(1, 11);
  EXPECT_EQ(seen.count(11), 2u);
  EXPECT_EQ(seen.count(15), 2u);
  EXPECT_EQ(seen.count(16), 1u); // 2 is heard no more
  seen.note(1, 9);               // older news take nothing back
  EXPECT_EQ(seen.count(16), 1u);
  for (std::uint64_t key = 100; key < 200; ++key)
    seen.note(key, 20);
  EXPECT_EQ(seen.count(20), server_sightings::most);
  seen.note(1'000, 21);
  EXPECT_EQ(seen.count(21), server_sightings::most);
  EXPECT_EQ(seen.count(26), 1u);
}

TEST(open_ticks_test, a_closed_tick_and_a_cleared_host_are_forgotten) {
  using place = open_ticks::place;
  open_ticks open({1'000, 0}); // two open ticks: slots are used again
  open.take(1, 0, 5, {5'100, true});
  open.take(1, 0, 5, {5'200, true});
  open.set_has_value(1, 5);
  open.reported(1, 5) = 3;
  open.close(5);
  EXPECT_FALSE(open.has_value(1, 7));
  EXPECT_TRUE(std::isnan(open.reported(1, 7)));
  EXPECT_EQ(open.take(1, 0, 7, {7'100, true}), place::empty);
  EXPECT_EQ(open.take(1, 0, 7, {7'200, true}), place::newer);
  open.take(2, 0, 7, {7'100, true});
  open.clear_host(1);
  EXPECT_EQ(open.take(1, 0, 7, {7'100, true}), place::empty);
  EXPECT_EQ(open.take(2, 0, 7, {7'100, true}), place::repeated);
}

} // namespace tocsin::tables_test
