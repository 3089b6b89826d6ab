#include "streams/window/seal_clock.hpp"

#include "streams/window/log_clock.hpp"
#include "streams/window/tick_history.hpp"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace tocsin::seal_clock_test {

namespace {

constexpr tick_grid grid{1'000, 200}; // a gap is longer than 500 ms

/// Enters an entry and gives what it sealed: the tick, negative where it was blind.
std::vector<std::int64_t> enter(seal_clock& c, std::int64_t ms, bool heartbeat = false) {
  std::vector<std::int64_t> sealed;
  c.arrive(ms);
  while (c.due(ms)) {
    const auto d = c.seal();
    sealed.push_back(d.blind ? -d.sealed : d.sealed);
  }
  c.enter(ms, heartbeat);
  return sealed;
}
using ticks = std::vector<std::int64_t>;

} // namespace

TEST(seal_clock_test, a_tick_seals_at_its_end_plus_grace_and_none_is_skipped) {
  seal_clock c(grid);
  EXPECT_FALSE(c.next());
  EXPECT_EQ(enter(c, 5'300), ticks{});
  EXPECT_EQ(c.next(), 5);
  EXPECT_EQ(enter(c, 6'199), ticks{});
  EXPECT_EQ(enter(c, 6'200), ticks{5});
  EXPECT_EQ(enter(c, 9'200), (ticks{6, 7, 8}));
}

TEST(seal_clock_test, silence_before_the_first_heartbeat_blinds_nothing) {
  seal_clock c(grid);
  enter(c, 1'000);
  EXPECT_EQ(enter(c, 4'200, true), (ticks{1, 2, 3}));
  EXPECT_EQ(enter(c, 6'300), (ticks{-4, -5}));
}

TEST(seal_clock_test, a_gap_is_longer_than_the_bound) {
  seal_clock c(grid);
  enter(c, 1'000, true);
  EXPECT_EQ(enter(c, 1'500), ticks{});
  EXPECT_EQ(enter(c, 2'000), ticks{});
  EXPECT_EQ(enter(c, 2'200), ticks{1});
  EXPECT_EQ(enter(c, 2'701), ticks{});
  EXPECT_EQ(enter(c, 3'200), ticks{-2});
  EXPECT_EQ(enter(c, 3'700), ticks{});
  EXPECT_EQ(enter(c, 4'200), ticks{3});
}

TEST(seal_clock_test, a_gap_blinds_the_ticks_that_it_touches_with_their_grace) {
  seal_clock c(grid);
  for (std::int64_t ms = 1'000; ms < 2'200; ms += 100)
    enter(c, ms, true);
  // The gap begins before 2,200, where tick 1 seals, and ends after the start of tick 4.
  EXPECT_EQ(enter(c, 4'001), (ticks{-1, -2}));
  for (std::int64_t ms = 4'100; ms < 5'200; ms += 100)
    enter(c, ms);
  EXPECT_EQ(enter(c, 5'200), (ticks{-4}));
}

TEST(seal_clock_test, a_gap_that_ends_with_a_tick_spares_the_next) {
  seal_clock c(grid);
  enter(c, 1'000, true);
  enter(c, 1'450);
  EXPECT_EQ(enter(c, 2'000), ticks{});
  EXPECT_EQ(enter(c, 2'400), ticks{-1});
  EXPECT_EQ(enter(c, 2'800), ticks{});
  EXPECT_EQ(enter(c, 3'200), ticks{2});
}

TEST(seal_clock_test, silence_that_has_not_ended_blinds_what_it_seals) {
  seal_clock c(grid);
  enter(c, 1'000, true);
  EXPECT_FALSE(c.silent(1'500));
  EXPECT_TRUE(c.silent(1'501));
  EXPECT_TRUE(c.due(2'200));
  EXPECT_TRUE(c.seal(true).blind);
  seal_clock no_heartbeat(grid);
  enter(no_heartbeat, 1'000);
  EXPECT_FALSE(no_heartbeat.seal(true).blind);
}

TEST(seal_clock_test, following_a_record_and_resuming_go_on_where_it_ended) {
  seal_clock c = seal_clock::resume(grid, 7, 8'100, true);
  EXPECT_EQ(c.next(), 8);
  c.follow(8);
  EXPECT_EQ(c.next(), 9);
  EXPECT_EQ(enter(c, 10'300), ticks{-9});
}

TEST(seal_clock_test, random_entries_give_the_blind_ticks_of_all_gaps_ever) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const tick_grid g{1'000, static_cast<std::int64_t>(random() % 4 * 700)};
    seal_clock c(g);
    std::vector<std::pair<std::int64_t, std::int64_t>> gaps;
    std::int64_t now = 5'000 + static_cast<std::int64_t>(random() % 1'000), before = now;
    bool heartbeat = false;
    for (int i = 0; i < 200; ++i) {
      if (heartbeat && now - before > std::max({g.interval_ms / 2, g.grace_ms, std::int64_t{500}}))
        gaps.emplace_back(before, now);
      c.arrive(now);
      while (c.due(now)) {
        const auto d = c.seal();
        bool blind = false;
        for (const auto& [begin, end] : gaps)
          blind |= begin < g.end_ms(d.sealed) + g.grace_ms && end > g.start_ms(d.sealed);
        ASSERT_EQ(d.blind, blind) << "round " << round << " tick " << d.sealed;
      }
      const bool beats = random() % 20 == 0;
      c.enter(now, beats);
      heartbeat |= beats;
      before = now;
      now += static_cast<std::int64_t>(random() % (random() % 15 == 0 ? 6'000 : 400));
    }
  }
}

TEST(log_clock_test, old_entries_count_by_their_ids_and_at_most_by_redis) {
  log_clock c;
  c.note_time(100'000, 0);
  EXPECT_EQ(c.at_entry(40'000), 40'000);
  EXPECT_EQ(c.at_entry(30'000), 40'000); // never back
  EXPECT_EQ(c.at_entry(99'900), 99'900); // the end was not reached
  EXPECT_EQ(c.at_entry(9'999'999'999'999), 100'000);
  EXPECT_EQ(c.at_entry(UINT64_MAX), 100'000);
  EXPECT_FALSE(c.at_end());
  c.note_end();
  EXPECT_EQ(c.at_end(), 100'000);
}

TEST(log_clock_test, behind_the_end_redis_time_counts_unless_the_entry_is_a_second_old) {
  log_clock c;
  c.note_time(100'000, 0);
  c.note_end();
  c.note_time(110'000, 10'000);
  EXPECT_EQ(c.at_entry(105'000), 105'000);
  EXPECT_EQ(c.at_entry(108'999), 108'999);
  EXPECT_EQ(c.at_entry(109'000), 110'000);
}

TEST(log_clock_test, a_step_forward_is_believed_after_thirty_seconds) {
  log_clock c;
  c.note_time(100'000, 0);
  c.note_end();
  c.at_end();
  c.note_time(5'101'000, 1'000);
  EXPECT_EQ(c.at_end(), 101'000);
  EXPECT_EQ(c.steps(), 1u);
  EXPECT_EQ(c.disagreement_ms(), 5'000'000);
  c.note_time(5'130'999, 30'999);
  EXPECT_EQ(c.at_end(), 130'999);
  c.note_time(5'131'000, 31'000);
  EXPECT_EQ(c.at_end(), 5'131'000);
  c.note_time(5'132'000, 32'000);
  EXPECT_EQ(c.disagreement_ms(), 0);
  EXPECT_EQ(c.steps(), 1u);
}

TEST(log_clock_test, a_step_back_never_takes_log_time_back) {
  log_clock c;
  c.note_time(100'000, 0);
  c.note_end();
  c.note_time(101'000, 1'000);
  EXPECT_EQ(c.at_end(), 101'000);
  c.note_time(10'000, 2'000);
  EXPECT_EQ(c.at_end(), 102'000);
  c.note_time(40'000, 32'000);
  EXPECT_EQ(c.at_end(), 102'000); // believed, but log time waits
  EXPECT_EQ(log_clock(7'000).at_entry(5), 7'000);
}

TEST(log_clock_test, a_slow_answer_is_no_step_whenever_redis_took_its_time) {
  log_clock c;
  c.note_time(100'000, 0);
  c.note_end();
  c.note_time(109'000, 5'000, 9'500); // it stood still, then looked at its clock
  EXPECT_EQ(c.at_end(), 109'000);
  c.note_time(110'000, 10'000, 14'000); // it looked at once, then stood still
  EXPECT_EQ(c.at_end(), 110'000);
  c.note_time(116'100, 15'000, 15'200); // as far off as a second
  EXPECT_EQ(std::pair(c.steps(), c.disagreement_ms()),
            std::pair(std::uint64_t{0}, std::int64_t{0}));
  c.note_time(125'000, 20'000, 22'000);
  EXPECT_EQ(c.steps(), 1u) << "beyond what the answer took it is one";
  EXPECT_LT(*c.at_end(), 124'500);
}

TEST(log_clock_test, a_step_that_goes_away_again_is_forgotten) {
  log_clock c;
  c.note_time(100'000, 0);
  c.note_end();
  c.note_time(200'000, 10'000);
  c.note_time(120'500, 20'000); // half a second is no step
  EXPECT_EQ(c.at_end(), 120'500);
  EXPECT_EQ(c.disagreement_ms(), 0);
}

TEST(tick_history_test, it_answers_as_a_list_of_all_ticks_does) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 50; ++round) {
    const tick first = 100;
    const auto before = static_cast<std::int64_t>(random() % 50);
    tick_history h(first, before);
    EXPECT_TRUE(h.empty());
    std::vector<bool> all;
    for (int i = 0; i < 300; ++i) {
      all.push_back(random() % (random() % 2 ? 3 : 20) == 0);
      h.push(all.back());
      const auto n = first + static_cast<tick>(random() % (all.size() + 20)) - 10;
      std::int64_t count = before;
      for (tick t = first; t <= std::min(n, h.last()); ++t)
        count += !all[static_cast<std::size_t>(t - first)];
      ASSERT_EQ(h.non_blind(n), count);
      ASSERT_EQ(h.blind(n), n < first || n > h.last() || all[static_cast<std::size_t>(n - first)]);
    }
    h.lose_values_before(200);
    EXPECT_TRUE(h.blind(199));
  }
}

TEST(tick_history_test, more_outages_than_it_remembers_keep_their_count) {
  tick_history h(0);
  for (int i = 0; i < 20'000; ++i)
    h.push(i % 2 == 0);
  EXPECT_EQ(h.non_blind(19'999), 10'000);
  EXPECT_EQ(h.non_blind(19'000), 9'500);
  EXPECT_TRUE(h.blind(19'998));
  EXPECT_FALSE(h.blind(19'999));
}

TEST(tick_grid_test, windows_and_open_ticks_are_rounded_up) {
  EXPECT_EQ(grid.of(999), 0);
  EXPECT_EQ(grid.of(1'000), 1);
  EXPECT_EQ(grid.ticks_ahead(), 2);
  EXPECT_EQ((tick_grid{1'000, 0}).ticks_ahead(), 1);
  EXPECT_EQ(grid.window_ticks(1), 1);
  EXPECT_EQ(grid.window_ticks(1'001), 2);
  EXPECT_EQ(grid.gap_ms(), 500);
  EXPECT_EQ((tick_grid{100, 900}).gap_ms(), 900);
  EXPECT_EQ((tick_grid{10'000, 900}).gap_ms(), 5'000);
}

} // namespace tocsin::seal_clock_test
