#include "streams/window/intake.hpp"

#include "bench/reference/block_scan.hpp"
#include "tests/support/random_samples.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace tocsin::intake_test {

using namespace test;

namespace {

constexpr tick first_tick = 1'000;

/// An intake with one-second ticks that begins at tick 1,000.
struct fixture {
  explicit fixture(std::int64_t grace_ms = 0, std::int64_t expiry_ticks = 100,
                   std::vector<watched_field> watched = {{"x", 4}}, std::size_t hosts_max = 4'096)
      : in({1'000, grace_ms}, {hosts_max, 16, expiry_ticks * 1'000}, watched) {
    in.begin(first_tick);
  }
  sample_fate say(const std::string& host, std::int64_t ms,
                  std::vector<std::pair<std::string, double>> values, bool gone = false,
                  bool named = true) {
    std::vector<field_value> v;
    for (const auto& [field, x] : values)
      v.push_back({field, x});
    return in.apply({host, first_tick * 1'000 + ms, named, gone, {}, v});
  }
  double at(const std::string& host, const std::string& field, tick n) const {
    const auto h = in.hosts().find(host);
    const auto f = in.fields().find(field);
    const auto* block = h && f ? in.ring().find(*f, *h / block_hosts) : nullptr;
    const auto* row = block ? block->find(first_tick + n) : nullptr;
    return row ? row[*h % block_hosts] : NAN;
  }
  intake in;
};

} // namespace

TEST(intake_test, several_samples_of_a_tick_add_up_or_the_greatest_time_stands) {
  fixture f;
  f.say("a", 500, {{"x", 5}, {"errors.count", 1}, {"latency_sum", 2}});
  f.say("a", 400, {{"x", 4}, {"errors.count", 1}, {"latency_sum", 2}});
  EXPECT_EQ(f.at("a", "x", 0), 5);
  f.say("a", 600, {{"x", 6}, {"count", 1}});
  f.say("a", 700, {{"count", 2}});
  EXPECT_EQ(f.at("a", "x", 0), 6);
  EXPECT_EQ(f.at("a", "errors.count", 0), 2);
  EXPECT_EQ(f.at("a", "latency_sum", 0), 4);
  EXPECT_EQ(f.at("a", "count", 0), 2); // no dot before it: does not add up
}

TEST(intake_test, a_repetition_in_an_open_tick_is_ignored) {
  fixture f;
  for (const std::int64_t ms : {500, 300, 500, 300, 500})
    f.say("a", ms, {{"e.count", 1}});
  EXPECT_EQ(f.at("a", "e.count", 0), 2);
  EXPECT_EQ(f.in.counts().values_repeated, 3u);
}

TEST(intake_test, samples_that_do_not_name_their_time_never_repeat) {
  fixture f;
  for (int i = 0; i < 3; ++i)
    f.say("a", 500, {{"e.count", 1}, {"x", static_cast<double>(i)}}, false, false);
  EXPECT_EQ(f.at("a", "e.count", 0), 3);
  EXPECT_EQ(f.at("a", "x", 0), 2); // of equal times the later
}

TEST(intake_test, latency_is_derived_unless_a_lone_sample_reports_it) {
  fixture f;
  const std::string avg = "requests.latency_avg", sum = "requests.latency_sum",
                    count = "requests.count";
  f.say("a", 100, {{sum, 30}, {count, 10}, {avg, 9}});
  EXPECT_EQ(f.at("a", avg, 0), 9);
  f.say("a", 100, {{sum, 30}, {count, 10}}); // repetitions derive nothing
  EXPECT_EQ(f.at("a", avg, 0), 9);
  f.say("a", 200, {{"x", 1}}); // any further value does
  EXPECT_EQ(f.at("a", avg, 0), 3);
  f.say("b", 100, {{sum, 30}, {count, 0}, {avg, 9}});
  f.say("b", 200, {{avg, 7}});
  EXPECT_EQ(f.at("b", avg, 0), 7); // cannot be derived
  f.say("c", 100, {{sum, 1e300}, {count, 1e-10}});
  EXPECT_TRUE(std::isnan(f.at("c", avg, 0))); // out of range
  f.say("d", 100, {{sum, 1e-290}, {count, 1e10}});
  EXPECT_EQ(f.at("d", avg, 0), 0);
}

TEST(intake_test, the_latency_has_its_place_however_many_other_fields_there_are) {
  for (const bool rule : {true, false}) {
    std::vector<watched_field> watched;
    if (rule)
      watched = {{"requests.latency_avg", 1}};
    fixture f(0, 100, watched);
    for (int i = 0; i < 40; ++i)
      f.say("junk", 100, {{fmt::format("tag-{}", i), 1}});
    f.say("a", 100, {{"requests.latency_sum", 30}, {"requests.count", 10}});
    EXPECT_EQ(f.at("a", "requests.latency_avg", 0), 3) << rule;
    EXPECT_TRUE(f.in.fields().full());
    EXPECT_EQ(f.in.fields().counted(), 16u);
  }
}

// The fields that are known depend on when an engine was started; what rules see must not.
TEST(intake_test, a_value_without_a_place_changes_no_latency) {
  const std::string avg = "requests.latency_avg", sum = "requests.latency_sum",
                    count = "requests.count";
  const std::vector<watched_field> watched = {{avg, 3}};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    dice d(seed);
    intake small({1'000, 1'000}, {64, 1, 1'000'000}, watched);
    intake large({1'000, 1'000}, {64, 64, 1'000'000}, watched);
    std::vector<std::pair<std::int64_t, std::vector<field_value>>> said;
    std::vector<std::string> junk;
    for (int i = 0; i < 12; ++i)
      junk.push_back(fmt::format("junk{}", i));
    for (auto* in : {&small, &large})
      in->begin(first_tick);
    for (int i = 0; i < 60; ++i) {
      if (said.empty() || d.percent(70)) { // another sample, or one of before once more
        std::vector<field_value> values;
        for (const auto& name : {avg, sum, count})
          if (d.percent(30))
            values.push_back({name == avg   ? "requests.latency_avg"
                              : name == sum ? "requests.latency_sum"
                                            : "requests.count",
                              static_cast<double>(d.between(1, 9))});
        if (d.percent(50))
          values.push_back({junk[static_cast<std::size_t>(d.below(12))], 1});
        const auto ms = (large.next() + d.below(2)) * 1'000 + i; // no two of one time
        said.emplace_back(ms, std::move(values));
      }
      const auto& [ms, values] =
          said[d.percent(70)
                   ? said.size() - 1
                   : static_cast<std::size_t>(d.below(static_cast<std::int64_t>(said.size())))];
      for (auto* in : {&small, &large})
        in->apply({"a", ms, true, false, {}, values});
      if (d.percent(20))
        for (auto* in : {&small, &large})
          in->seal(false);
      const auto value = [&](const intake& in, tick n) {
        const auto* block = in.ring().find(*in.fields().find(avg), 0);
        const auto* row = block ? block->find(n) : nullptr;
        return row ? row[0] : -1;
      };
      for (tick n = large.next() - 2; n < large.next() + 2; ++n) {
        const auto a = value(small, n), b = value(large, n);
        ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b)))
            << seed << ' ' << i << ' ' << n << ": " << a << ' ' << b;
      }
    }
  }
}

TEST(intake_test, a_field_that_nobody_reports_any_more_makes_room_for_another) {
  fixture f(0, 10);
  for (int i = 0; i < 20; ++i)
    f.say("a", 100, {{"x", 1}, {"stays", 1}, {fmt::format("old{}", i), 7}});
  ASSERT_TRUE(f.in.homeless());
  EXPECT_EQ(f.in.homeless()->field, "old14");
  EXPECT_EQ(f.in.homeless()->host, "a");
  EXPECT_EQ(f.in.most_fields(), (std::pair<std::string, std::size_t>("a", 15)));
  EXPECT_FALSE(f.in.fields().find("old14"));
  for (int n = 0; n < 10; ++n) {
    EXPECT_TRUE(f.in.fields().find("old0")) << n;
    EXPECT_TRUE(f.in.homeless());
    f.in.take_changed();
    f.say("a", n * 1'000 + 200, {{"stays", 1}, {"old19", 1}});
    f.in.seal(n == 5); // a blind tick does not count
  }
  for (const int n : {10, 11}) {
    f.say("a", n * 1'000 + 200, {{"stays", 1}});
    f.in.seal(false);
    EXPECT_EQ(f.in.fields().find("old0").has_value(), n == 10);
  }
  EXPECT_FALSE(f.in.homeless());
  EXPECT_TRUE(f.in.fields().find("x")); // a rule looks at it
  EXPECT_TRUE(f.in.fields().find("stays"));
  EXPECT_EQ(f.in.take_changed().size(), 1u); // the registry learns of it
  for (const auto& [field, first] : f.in.first_ticks(*f.in.hosts().find("a")))
    EXPECT_FALSE(f.in.fields().name(field).starts_with("old"));
  f.say("b", 12'100, {{"new", 5}});
  ASSERT_TRUE(f.in.fields().find("new"));
  EXPECT_EQ(f.at("b", "new", 12), 5);
  EXPECT_TRUE(std::isnan(f.at("a", "new", 12)));
  EXPECT_TRUE(std::isnan(f.at("b", "new", 0)));
  const auto& block = *f.in.ring().find(*f.in.fields().find("new"), 0);
  EXPECT_EQ(block.first(*f.in.hosts().find("b")), first_tick + 12);
  EXPECT_EQ(block.first(*f.in.hosts().find("a")), tick_max);
}

TEST(intake_test, the_next_engine_may_be_told_when_fields_were_reported_last) {
  fixture before(0, 10), told(0, 10), not_told(0, 10);
  for (auto* f : {&before, &told, &not_told})
    f->say("a", 100, {{"old", 1}});
  for (int n = 0; n < 9; ++n) {
    before.say("a", n * 1'000 + 500, {{"x", 1}});
    before.in.seal(false);
  }
  for (auto* f : {&told, &not_told}) {
    for (int n = 0; n < 9; ++n) {
      f->say("a", n * 1'000 + 500, {{"x", 1}});
      if (n == 5)
        f->say("a", n * 1'000 + 600, {{"old", 1}}); // as if it were known from here on
      f->in.seal(false);
    }
  }
  for (const auto& [field, last] : before.in.last_reports())
    told.in.restore_last_report(field, last);
  for (auto* f : {&told, &not_told})
    for (int n = 9; n < 12; ++n) {
      f->say("a", n * 1'000 + 500, {{"x", 1}});
      f->in.seal(false);
    }
  EXPECT_FALSE(told.in.fields().find("old"));
  EXPECT_TRUE(not_told.in.fields().find("old"));
}

TEST(intake_test,
     a_late_value_fills_only_an_empty_place_behind_its_first_tick_and_within_the_windows) {
  fixture f;
  f.say("a", 1'500, {{"x", 1}}); // first tick: 1
  for (int i = 0; i < 3; ++i)
    f.in.seal(false);
  EXPECT_EQ(f.say("a", 500, {{"x", 9}}), sample_fate::late);   // before its first tick
  EXPECT_EQ(f.say("a", 1'600, {{"x", 9}}), sample_fate::late); // taken
  EXPECT_EQ(f.say("a", 2'100, {{"x", 7}, {"y", 3}}), sample_fate::late);
  EXPECT_EQ(f.say("a", 2'200, {{"x", 8}}), sample_fate::late); // the place is no longer empty
  EXPECT_TRUE(std::isnan(f.at("a", "x", 2))); // sealed ticks are touched at a seal only
  f.in.seal(false);
  EXPECT_TRUE(std::isnan(f.at("a", "x", 0)));
  EXPECT_EQ(f.at("a", "x", 1), 1);
  EXPECT_EQ(f.at("a", "x", 2), 7);
  EXPECT_TRUE(std::isnan(f.at("a", "y", 2)));
  EXPECT_EQ(f.say("nobody", 2'100, {{"x", 7}}), sample_fate::late);
  EXPECT_FALSE(f.in.hosts().find("nobody"));
}

TEST(intake_test, a_sample_is_early_beyond_the_ticks_that_grace_opens) {
  for (const auto& [grace, ahead] :
       std::vector<std::pair<std::int64_t, tick>>{{0, 1}, {1, 2}, {1'000, 2}, {1'001, 3}}) {
    fixture f(grace);
    EXPECT_EQ(f.say("a", ahead * 1'000 + 999, {{"x", 1}}), sample_fate::accepted) << grace;
    EXPECT_EQ(f.say("b", ahead * 1'000 + 1'000, {{"x", 1}}), sample_fate::early) << grace;
    EXPECT_FALSE(f.in.hosts().find("b"));
  }
}

TEST(intake_test,
     a_host_expires_when_the_ticks_since_its_last_sample_that_are_not_blind_make_it_up) {
  fixture f(0, 3);
  f.say("a", 0, {{"x", 1}});
  const bool blind[] = {false, false, true, true, false, true, false};
  std::vector<std::size_t> forgotten;
  for (const bool b : blind)
    forgotten.push_back(f.in.seal(b).size());
  EXPECT_EQ(forgotten, (std::vector<std::size_t>{0, 0, 0, 0, 0, 0, 1}));
  EXPECT_FALSE(f.in.hosts().find("a"));
}

TEST(intake_test, gone_counts_unless_it_is_older_or_taken_back_in_time) {
  fixture f;
  f.say("older", 1'000, {{"x", 1}});
  f.say("older", 900, {}, true);
  f.say("back", 0, {{"x", 1}}, true);
  f.say("back", 100, {});
  f.say("gone", 0, {{"x", 1}});
  f.say("gone", 100, {}, true);
  const auto forgotten = f.in.seal(false);
  ASSERT_EQ(forgotten.size(), 1u);
  EXPECT_EQ(f.in.hosts().name(forgotten[0].host), "gone");
  EXPECT_EQ(forgotten[0].why, farewell::gone);
  f.say("late", 1'000, {{"x", 1}});
  f.say("late", 1'500, {}, true);
  f.say("late", 500, {}); // late: takes nothing back
  EXPECT_EQ(f.in.seal(false).size(), 1u);
}

TEST(intake_test, a_forgotten_host_that_returns_is_new) {
  fixture f;
  f.say("a", 0, {{"x", 1}, {"e.count", 1}});
  f.say("a", 1'000, {{"x", 1}, {"e.count", 5}}, true); // also in a tick that is not sealed
  f.in.seal(false);
  EXPECT_EQ(f.say("a", 1'000, {{"e.count", 1}}), sample_fate::accepted); // no repetition
  EXPECT_EQ(f.at("a", "e.count", 1), 1);
  EXPECT_TRUE(std::isnan(f.at("a", "x", 0)));
  EXPECT_TRUE(std::isnan(f.at("a", "x", 1)));
  const auto h = *f.in.hosts().find("a");
  ASSERT_EQ(f.in.first_ticks(h).size(), 1u);
}

TEST(intake_test, the_index_of_a_forgotten_host_is_given_away_one_seal_later) {
  fixture f(0, 100, {{"x", 4}}, 1);
  f.say("a", 0, {{"x", 1}}, true);
  const auto old = f.in.seal(false)[0].host;
  EXPECT_EQ(f.in.hosts().name(old), "a");
  EXPECT_EQ(f.say("b", 1'000, {{"x", 1}}), sample_fate::refused);
  f.in.seal(false);
  EXPECT_EQ(f.say("b", 2'000, {{"x", 1}}), sample_fate::accepted);
  EXPECT_EQ(*f.in.hosts().find("b"), old);
}

TEST(intake_test, while_following_hosts_and_fields_that_are_not_registered_are_ignored) {
  fixture f(0, 1);
  const auto h = f.in.restore_host("a", {5, 0}, "", first_tick, 0);
  f.in.restore_first(*h, "x", first_tick + 1);
  f.in.follow(true);
  const auto say_at = [&](const std::string& host, std::int64_t ms, double x, std::uint64_t id,
                          bool gone = false) {
    const field_value v[] = {{"x", x}, {"y", x}};
    return f.in.apply({host, first_tick * 1'000 + ms, true, gone, {}, v}, {id, 0});
  };
  EXPECT_EQ(say_at("b", 100, 1, 9), sample_fate::unknown);
  EXPECT_EQ(say_at("a", 100, 1, 4), sample_fate::unknown); // before it was known
  EXPECT_EQ(say_at("a", 100, 1, 6), sample_fate::accepted);
  EXPECT_EQ(say_at("a", 1'100, 2, 7, true), sample_fate::accepted);
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(f.in.seal(false).empty());
  f.in.follow(false);
  EXPECT_TRUE(std::isnan(f.at("a", "x", 0))); // before its first tick
  EXPECT_EQ(f.at("a", "x", 1), 2);
  EXPECT_TRUE(std::isnan(f.at("a", "y", 1)));
}

TEST(intake_test, what_changed_is_told_once_and_silence_is_recorded) {
  fixture f;
  f.say("a", 0, {{"x", 1}});
  f.in.seal(false);
  EXPECT_EQ(f.in.take_changed().size(), 1u);
  f.say("a", 1'000, {{"x", 1}});
  f.in.seal(false);
  EXPECT_TRUE(f.in.take_changed().empty());
  f.in.seal(false); // silent
  EXPECT_EQ(f.in.take_changed().size(), 1u);
  f.in.seal(false); // still
  EXPECT_TRUE(f.in.take_changed().empty());
}

// Windows of several lengths over each field, many hosts in two blocks, against maps: every place,
// every column, every mask.
TEST(intake_test, random_samples_leave_the_columns_and_masks_that_a_recompute_from_maps_gives) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    dice d(seed);
    const std::int64_t grace = d.one_of<std::int64_t>({0, 400, 1'700});
    const auto expiry = d.between(9, 20);
    std::vector<watched_field> watched;
    for (const auto& field : scenario_fields)
      watched.push_back({field, d.between(1, 9)});
    fixture f(grace, expiry, watched);
    std::map<std::string, naive_host> hosts;
    std::set<std::int64_t> blind;
    for (int i = 0; i < 1'020;
         ++i) { // so that the random ones stand on both sides of a block's edge
      f.say(fmt::format("filler-{}", i), 0, {});
      hosts[fmt::format("filler-{}", i)].last = first_tick;
    }
    auto scan = std::make_unique<block_scan>();
    for (tick next = first_tick; next < first_tick + 40; ++next) {
      for (auto n = d.between(0, 14); n > 0; --n) {
        naive_line l{0,
                     fmt::format("host-{}", d.below(9)),
                     (next * 1'000) + d.between(-7'000, 4'500),
                     d.percent(3),
                     {}};
        if (d.percent(60))
          l.ts_ms = next * 1'000 + d.below(20) * 50;
        for (const auto& field : scenario_fields)
          if (d.percent(40))
            l.values.emplace_back(field, static_cast<double>(d.between(0, 64)) / 8);
        f.say(l.host, *l.ts_ms - first_tick * 1'000, l.values, l.gone);
        const auto at = *l.ts_ms / 1'000;
        if (at < next && hosts.contains(l.host))
          hosts[l.host].fill(l, at);
        else if (at >= next && at <= next + f.in.grid().ticks_ahead())
          hosts[l.host].take(l, at, *l.ts_ms);
      }
      const bool is_blind = d.percent(12);
      if (is_blind)
        blind.insert(next);
      std::set<std::string> gone, expected;
      for (const auto& e : f.in.seal(is_blind))
        gone.insert(f.in.hosts().name(e.host));
      for (const auto& [name, h] : hosts) {
        std::int64_t silent = 0;
        for (auto t = h.last + 1; t <= next; ++t)
          silent += !blind.contains(t);
        if (h.gone || silent >= expiry)
          expected.insert(name);
      }
      ASSERT_EQ(gone, expected) << "seed " << seed << " tick " << next;
      for (const auto& name : expected)
        hosts.erase(name);

      for (field_index field = 0; field < watched.size(); ++field)
        for (std::size_t b = 0; b < f.in.hosts().blocks(); ++b) {
          const auto* block = f.in.ring().find(field, b);
          if (!block)
            continue;
          scan->begin(*block, f.in.history(), next, {});
          for (std::int64_t w = 1; w <= watched[field].window_ticks; ++w) {
            scan->extend(w);
            host_column sums, averages;
            scan->sums(sums);
            scan->averages(averages);
            for (const auto& [name, host] : hosts) {
              const auto h = *f.in.hosts().find(name);
              if (h / block_hosts != b || name.starts_with("filler"))
                continue;
              const auto i = h % block_hosts;
              const auto bit = [&](const host_mask& m) { return (m[i / 64] >> i % 64 & 1) != 0; };
              const auto& fname = watched[field].name;
              const auto first = host.first.contains(fname) ? host.first.at(fname) : tick_max;
              naive_sum sum;
              std::int64_t count = 0, missing = 0;
              double least = 0, greatest = 0, newest = 0;
              bool after = false, before_first = false, any_missing = false;
              for (auto t = next; t > next - w; --t) {
                const auto v = host.value(fname, t);
                const bool slipped = !v && t == next && host.value(fname, t - 1);
                const bool unseen = !v && (t < first_tick || blind.contains(t));
                missing += slipped || unseen;
                before_first |= t < first;
                any_missing |= slipped || unseen || t < first;
                after |= count == 0 && !v && (slipped || unseen);
                if (!v)
                  continue;
                sum.add(*v);
                least = count == 0 ? *v : std::min(least, *v);
                greatest = count == 0 ? *v : std::max(greatest, *v);
                newest = count == 0 ? *v : newest;
                ++count;
              }
              SCOPED_TRACE(
                  fmt::format("seed {} tick {} {} {} window {}", seed, next, name, fname, w));
              ASSERT_EQ(scan->counts()[i], static_cast<double>(count));
              ASSERT_EQ(bit(scan->started()), first <= next);
              ASSERT_EQ(bit(scan->any_value()), count > 0);
              ASSERT_EQ(bit(scan->recent_value()), host.value(fname, next).has_value());
              ASSERT_EQ(bit(scan->missing_before_first()), before_first);
              ASSERT_EQ(bit(scan->missing()), any_missing);
              if (count > 0) {
                ASSERT_EQ(sums[i], sum.divided(1));
                ASSERT_EQ(averages[i], sum.divided(count));
                ASSERT_EQ(scan->minima()[i], least);
                ASSERT_EQ(scan->maxima()[i], greatest);
                ASSERT_EQ(scan->newest_values()[i], newest);
                ASSERT_EQ(bit(scan->missing_after_value()), after);
                if (!before_first) {
                  ASSERT_EQ(bit(scan->missing_more_than_half()), 2 * missing > w);
                }
              }
            }
          }
        }
    }
  }
}

TEST(block_scan_test, sums_that_a_pair_cannot_hold_are_summed_again) {
  fixture f(0, 100, {{"x", 6}});
  const double values[] = {1e300, 1, 1e-200, -1e300, 0.1, -1};
  for (int i = 0; i < 6; ++i) {
    f.say("a", i * 1'000, {{"x", values[i]}});
    f.in.seal(false);
  }
  auto scan = std::make_unique<block_scan>();
  scan->begin(*f.in.ring().find(0, 0), f.in.history(), first_tick + 5, {});
  scan->extend(6);
  host_column out;
  scan->sums(out);
  EXPECT_EQ(out[0], 0.1);
  scan->averages(out);
  EXPECT_EQ(out[0], 0.1 / 6);
}

} // namespace tocsin::intake_test
