#include "streams/partition/recovery.hpp"

#include "streams/partition/log_replay.hpp"
#include "tests/support/partition_owner.hpp"
#include "tests/support/redis_fixture.hpp"

#include <sstream>

namespace tocsin::recovery_test {

using namespace test;

namespace {

constexpr std::int64_t begin_ms = 1'700'000'000'000;

const redis::partition_keys whole_keys("tocsin", "whole");
const redis::partition_keys broken_keys("tocsin", "broken");

/// The first place where two lists differ, for people.
std::string difference(const std::vector<std::string>& got, const std::vector<std::string>& want) {
  for (std::size_t i = 0; i < std::max(got.size(), want.size()); ++i) {
    const std::string g = i < got.size() ? got[i] : "nothing",
                      w = i < want.size() ? want[i] : "nothing";
    if (g != w)
      return fmt::format("entry {}: got\n  {}\nwant\n  {}", i, g, w);
  }
  return {};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

std::vector<std::string> entries_of(redis::connection& c, const std::string& key) {
  std::vector<std::string> out;
  for (const auto& e : stream_of(c, key)) {
    out.push_back(e.id.text());
    for (const auto& [field, value] : e.fields)
      out.back() += " " + field + "=" + value;
  }
  return out;
}

std::vector<std::string> fields_of(redis::connection& c, const std::string& key) {
  std::set<std::string> out;
  EXPECT_TRUE(redis::scan_hash(c, key, [&](auto f, auto v) { out.insert(f + " = " + v); }).ok());
  return {out.begin(), out.end()};
}

} // namespace

class recovery_test : public redis_test {
protected:
  /// Runs over the log at `keys`, stopping dead again and again, and compares the state after each
  /// recovery with what it was.
  void run_broken(const settings& s, const redis::partition_keys& keys, dice& d,
                  std::int64_t parts_max) {
    std::map<std::string, std::string> states;
    for (int runs = 0;; ++runs) {
      ASSERT_TRUE(runs < 10'000 && !HasFailure());
      partition_owner owner(c, keys, s);
      owner.keep_states = true;
      owner.lag = static_cast<std::size_t>(d.below(8));
      owner.parts_left = static_cast<std::size_t>(d.between(1, parts_max));
      owner.start();
      ASSERT_FALSE(HasFatalFailure());
      if (states.contains(owner.recovered_tick)) {
        ASSERT_EQ(difference(lines_of(describe(owner.core().engine())),
                             lines_of(states[owner.recovered_tick])),
                  "")
            << "after the tick that ends at " << owner.recovered_tick;
      }
      if (owner.read())
        return;
      for (const auto& [tick, state] : owner.states)
        states[tick] = state;
    }
  }
  void run_whole(const settings& s, const redis::partition_keys& keys) {
    partition_owner owner(c, keys, s);
    owner.start();
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_TRUE(owner.read());
  }
  /// Whatever stands in Redis of both partitions is the same.
  void expect_same() {
    EXPECT_EQ(difference(entries_of(c, broken_keys.incidents), entries_of(c, whole_keys.incidents)),
              "");
    EXPECT_EQ(difference(entries_of(c, broken_keys.ticks), entries_of(c, whole_keys.ticks)), "");
    EXPECT_EQ(difference(fields_of(c, broken_keys.open), fields_of(c, whole_keys.open)), "");
    EXPECT_EQ(difference(fields_of(c, broken_keys.cooldowns), fields_of(c, whole_keys.cooldowns)),
              "");
  }
  void write_both(const std::vector<naive_line>& lines, dice d) {
    write_log(c, whole_keys.samples, lines, d);
    write_log(c, broken_keys.samples, lines, d);
  }
};

TEST_F(recovery_test, a_run_that_dies_again_and_again_gives_the_same_stream_as_one_that_does_not) {
  for (std::uint64_t seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_TRUE(c.call({"FLUSHALL"}).ok());
    dice d(seed);
    const auto s = random_settings(d);
    const auto lines = random_log(d, s, d.between(2, 6), 60, begin_ms);
    write_both(lines, dice(seed));
    run_whole(s, whole_keys);
    run_broken(s, broken_keys, d, 20);
    ASSERT_FALSE(HasFatalFailure());
    expect_same();
    naive_partition naive(s);
    for (const auto& l : lines)
      naive.enter(l);
    EXPECT_EQ(difference(briefs(stream_of(c, whole_keys.incidents)), briefs(naive.events)), "");
  }
}

namespace {

/// One sample of one field.
naive_line say(std::int64_t at_ms, std::string host, double value,
               std::string field = "cpu.usage") {
  return {at_ms, std::move(host), at_ms, false, {{std::move(field), value}}};
}
naive_line heartbeat(std::int64_t at_ms) {
  return {at_ms, {}, {}, false, {}};
}

rule last_at_least(std::string name, double threshold) {
  rule r;
  r.name = std::move(name);
  r.field = "cpu.usage";
  r.aggregate = aggregation::last;
  r.threshold = threshold;
  r.timeframe_ms = 1'000;
  return r;
}

settings plain_settings(rule_set rules) {
  settings s;
  s.interval_ms = s.watcher_interval_ms = 1'000;
  s.grace_ms = 0;
  s.hosts_max = 10'000;
  s.fields_max = 16;
  s.rules = std::move(rules);
  return s;
}

} // namespace

// The names of hosts run against the order in which they become known, so that the events of the
// first parts are of hosts that the registry hears of last.
TEST_F(recovery_test, a_tick_of_many_parts_is_finished_wherever_it_broke_off) {
  const auto s =
      plain_settings({last_at_least("a", 1), last_at_least("b", 2), last_at_least("c", 9)});
  std::vector<naive_line> lines{heartbeat(begin_ms)};
  const auto all = [&](std::int64_t at, double value) {
    for (int i = 2'600; i > 0; --i)
      lines.push_back(say(begin_ms + at, fmt::format("h{:04}", i), value));
  };
  all(100, 5);   // 5,200 events, 2,600 new hosts
  all(1'100, 9); // 2,600
  all(2'100, 0); // 7,800
  lines.push_back(heartbeat(begin_ms + 3'000));
  write_both(lines, dice(1));
  run_whole(s, whole_keys);
  EXPECT_EQ(stream_of(c, whole_keys.incidents).size(), 15'600u);
  dice d(1);
  run_broken(s, broken_keys, d, 1); // dies after each part
  expect_same();
}

TEST_F(recovery_test, hosts_that_leave_with_many_events_are_resolved_once_wherever_it_broke_off) {
  auto s = plain_settings({last_at_least("a", 1), last_at_least("b", 2)});
  s.host_expiry_ms = 2'000;
  std::vector<naive_line> lines{heartbeat(begin_ms)};
  for (int i = 0; i < 1'500; ++i)
    lines.push_back(say(begin_ms + 100, fmt::format("h{:04}", i), i % 3));
  for (int i = 0; i < 700; ++i) {
    lines.push_back(say(begin_ms + 1'100, fmt::format("h{:04}", i), 5));
    lines.back().gone = true;
  }
  for (std::int64_t at = 1'200; at < 5'000; at += 200) {
    lines.push_back(say(begin_ms + at, "h1499", 5));
    if (at == 2'200)
      for (int i = 300; i < 1'300; ++i) // some come back
        lines.push_back(say(begin_ms + at, fmt::format("h{:04}", i), 2));
  }
  write_both(lines, dice(1));
  run_whole(s, whole_keys);
  dice d(1);
  run_broken(s, broken_keys, d, 1);
  expect_same();
  naive_partition naive(s);
  for (const auto& l : lines)
    naive.enter(l);
  EXPECT_EQ(difference(briefs(stream_of(c, whole_keys.incidents)), briefs(naive.events)), "");
}

TEST_F(recovery_test, incidents_of_removed_rules_end_in_the_old_order_wherever_it_broke_off) {
  const rule_set old_rules = {last_at_least("z", 1), last_at_least("y", 1), last_at_least("m", 1),
                              last_at_least("a", 1)};
  const rule_set new_rules = {last_at_least("n", 1), last_at_least("a", 1)};
  std::vector<naive_line> lines{heartbeat(begin_ms)}, rest;
  for (int i = 0; i < 600; ++i)
    lines.push_back(say(begin_ms + 100, fmt::format("h{:04}", i), 5));
  lines.push_back(say(begin_ms + 1'000, "h0000", 5));
  for (std::int64_t at = 1'100; at <= 4'000; at += 100)
    rest.push_back(say(begin_ms + at, "h0001", 5));

  naive_partition naive(plain_settings(old_rules));
  for (const auto& l : lines)
    naive.enter(l);
  naive.change_rules(new_rules);
  for (const auto& l : rest)
    naive.enter(l);

  write_both(lines, dice(1));
  for (const auto& keys : {whole_keys, broken_keys})
    run_whole(plain_settings(old_rules), keys);
  write_both(rest, dice(2));
  run_whole(plain_settings(new_rules), whole_keys);
  dice d(1);
  run_broken(plain_settings(new_rules), broken_keys, d, 1);
  EXPECT_EQ(difference(briefs(stream_of(c, whole_keys.incidents)), briefs(naive.events)), "");
  expect_same();
}

namespace {

/// Ten ticks of some hosts, in entries as large as collectors write them; one of them damaged.
void write_large_log(redis::connection& c, const std::string& key) {
  for (std::int64_t n = 0; n < 10; ++n)
    for (std::int64_t part = 0; part < 8; ++part) {
      std::string lines;
      for (int i = 0; i < 800; ++i)
        lines += fmt::format(R"({{"host":"h{:04}","ts":{},"cpu":{{"usage":{}}}}})"
                             "\n",
                             part * 800 + i, begin_ms + n * 1'000 + part, (i + n * 13) % 40);
      auto bytes = columns_of(lines);
      if (n == 4 && part == 3)
        bytes[bytes.size() / 2] ^= 1;
      ASSERT_TRUE(
          c.call({"XADD", key, fmt::format("{}-1", begin_ms + n * 1'000 + part * 100), "c", bytes})
              .ok());
    }
}

} // namespace

TEST_F(recovery_test, entries_decoded_by_several_threads_give_the_state_of_the_live_engine) {
  auto s = plain_settings({last_at_least("a", 35)});
  auto mean = last_at_least("mean", 30);
  mean.aggregate = aggregation::avg;
  mean.timeframe_ms = 6'000;
  s.rules.push_back(mean);
  for (const auto& keys : {whole_keys, broken_keys})
    write_large_log(c, keys.samples);
  run_whole(s, whole_keys);
  EXPECT_GT(stream_of(c, whole_keys.incidents).size(), 1'000u);
  dice d(1);
  run_broken(s, broken_keys, d, 3);
  expect_same();
}

TEST_F(recovery_test, a_recovery_that_breaks_off_in_the_middle_fails_and_the_next_one_succeeds) {
  const auto s = plain_settings({last_at_least("a", 35), last_at_least("b", 39)});
  for (const auto& keys : {whole_keys, broken_keys})
    write_large_log(c, keys.samples);
  auto wide = s; // its window makes a recovery read all of the log
  wide.rules[1].timeframe_ms = 60'000;
  wide.rules[1].aggregate = aggregation::max;
  partition_owner whole(c, whole_keys, wide);
  whole.keep_states = true;
  whole.start();
  ASSERT_TRUE(whole.read());
  run_whole(wide, broken_keys);
  for (const int last : {1, 2, 3'000, 3'001, 6'400, 6'401, 6'410, 6'411, 6'440, 6'441, 6'470,
                         6'471}) { // hosts, then entries
    const bool redis_goes = last % 2 == 0;
    auto own = server().connect();
    int seen = 0;
    recovery_task task{own, broken_keys, redis::cluster_keys("tocsin"), wide, "worker:nonce:1", 3};
    task.alive = [&] {
      if (++seen == last && redis_goes)
        run("CLIENT KILL TYPE normal SKIPME yes");
      return redis_goes || seen < last;
    };
    const auto before = std::chrono::steady_clock::now();
    const auto failed = recover(task);
    ASSERT_GE(seen, last);
    EXPECT_FALSE(failed.ok()) << last;
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
    EXPECT_EQ(own.server_time_ms().ok(), !redis_goes) << last;
  }
  partition_owner again(c, broken_keys, wide);
  again.start();
  EXPECT_EQ(difference(lines_of(describe(again.core().engine())),
                       lines_of(whole.states[again.recovered_tick])),
            "");
}

TEST_F(recovery_test, a_changed_rule_set_gives_the_same_stream_wherever_it_broke_off) {
  for (std::uint64_t seed = 1; seed <= 40 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_TRUE(c.call({"FLUSHALL"}).ok());
    dice d(seed);
    auto s = random_settings(d);
    s.watcher_interval_ms = s.interval_ms; // a new rule may have a longer window than the old
    auto rest = random_log(d, s, 4, 60, begin_ms);
    rule_set removed;
    naive_partition naive(s);
    for (int stretch = 0; stretch < 4; ++stretch) {
      auto share = stretch == 3 ? rest.size() : rest.size() / 3;
      while (share > 0 && share < rest.size() && rest[share].at_ms == rest[share - 1].at_ms)
        ++share;
      const std::vector<naive_line> lines(rest.begin(),
                                          rest.begin() + static_cast<std::ptrdiff_t>(share));
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(share));
      for (const auto& l : lines)
        naive.enter(l);
      write_both(lines, dice(seed));
      run_whole(s, whole_keys);
      run_broken(s, broken_keys, d, 12);
      ASSERT_FALSE(HasFatalFailure());
      // Some rules go, some come back, one is new; those that stay may stand elsewhere.
      rule_set rules;
      for (const auto& r : s.rules)
        if (d.percent(60))
          rules.insert(rules.begin() + d.below(static_cast<std::int64_t>(rules.size()) + 1), r);
      for (const auto& r : removed)
        if (d.percent(50))
          rules.push_back(r);
      removed.clear();
      for (const auto& r : s.rules)
        if (std::none_of(rules.begin(), rules.end(), [&](auto& n) { return n.name == r.name; }))
          removed.push_back(r);
      rules.push_back(random_rule(d, s.interval_ms, fmt::format("new {}", stretch)));
      s.rules = rules;
      naive.change_rules(rules);
    }
    expect_same();
    EXPECT_EQ(difference(briefs(stream_of(c, whole_keys.incidents)), briefs(naive.events)), "");
  }
}

TEST_F(recovery_test, the_cooldown_of_a_removed_rule_is_forgotten) {
  auto cools = last_at_least("a", 5);
  cools.cooldown_ms = 60'000;
  const auto with = plain_settings({cools}), without = plain_settings({last_at_least("b", 99)});
  const std::pair<settings, double> stretches[] = {{with, 9}, {with, 1}, {without, 1}, {with, 9}};
  std::int64_t at = begin_ms;
  for (const auto& [s, value] : stretches) {
    write_log(c, whole_keys.samples, {say(at, "h", value), say(at + 1'000, "h", value)}, dice(1));
    at += 2'000;
    run_whole(s, whole_keys);
  }
  EXPECT_EQ(stream_of(c, whole_keys.incidents).size(), 3u); // opened, resolved, opened
}

TEST_F(recovery_test,
       a_host_recorded_ahead_of_its_tick_expires_when_it_would_have_without_a_restart) {
  auto s = plain_settings({last_at_least("a", 1)});
  s.host_expiry_ms = 5'000;
  const auto outage_ms = std::int64_t{120'000}; // the record of seals reaches back less far
  std::vector<naive_line> lines{heartbeat(begin_ms), say(begin_ms, "other", 0),
                                say(begin_ms + 10, "h", 5)};
  *lines.back().ts_ms = begin_ms + 1'500;
  for (std::int64_t at = 100; at <= 3'000; at += 100)
    lines.push_back(say(begin_ms + at, "other", 0));
  lines.push_back(heartbeat(begin_ms + outage_ms));
  std::vector<naive_line> rest;
  for (std::int64_t at = 100; at <= 12'000; at += 100)
    rest.push_back(say(begin_ms + outage_ms + at, "other", 0));
  write_both(lines, dice(1));
  run_whole(s, broken_keys);
  partition_owner owner(c, whole_keys, s);
  owner.start();
  ASSERT_TRUE(owner.read());
  write_both(rest, dice(1));
  ASSERT_TRUE(owner.read());
  run_whole(s, broken_keys);
  expect_same();
}

// Redis's clock goes on in steps of 100 ms, silence seals ticks; the owner dies at any time and
// another one goes on at the next step.
TEST_F(recovery_test, a_live_log_with_silences_gives_the_same_stream_wherever_it_broke_off) {
  for (std::uint64_t seed = 1; seed <= 25 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_TRUE(c.call({"FLUSHALL"}).ok());
    dice d(seed);
    const auto s = random_settings(d);
    const auto lines = random_log(d, s, 4, 40, begin_ms);
    partition_owner whole(c, whole_keys, s);
    whole.start();
    auto broken = std::make_unique<partition_owner>(c, broken_keys, s);
    broken->start();
    std::size_t next = 0;
    for (auto now = begin_ms; now < begin_ms + 60'000; now += 100) {
      std::vector<naive_line> came;
      for (; next < lines.size() && lines[next].at_ms <= now; ++next) {
        came.push_back(lines[next]);
        came.back().at_ms = now;
      }
      if (!came.empty())
        write_both(came, dice(seed + next));
      ASSERT_TRUE(whole.read(now, true));
      ASSERT_TRUE(broken->read(now, true));
      if (d.percent(5)) {
        broken = std::make_unique<partition_owner>(c, broken_keys, s);
        broken->start();
        ASSERT_FALSE(HasFatalFailure());
      }
    }
    expect_same();
  }
}

TEST_F(recovery_test, what_was_trimmed_off_the_log_beyond_all_windows_is_not_missed) {
  for (std::uint64_t seed = 1; seed <= 15 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_TRUE(c.call({"FLUSHALL"}).ok());
    dice d(seed);
    const auto s = random_settings(d);
    auto lines = random_log(d, s, 4, 60, begin_ms);
    write_both(lines, dice(seed));
    run_whole(s, whole_keys);
    partition_owner owner(c, broken_keys, s);
    owner.parts_left = 30;
    owner.start();
    owner.read();
    // The longest window is 6 ticks; its samples may come some ticks before them.
    const auto progress = redis::load_progress(c, broken_keys);
    ASSERT_TRUE(progress.ok() && *progress);
    const auto keep_ms = std::stoll((*progress)->tick) - (6 + 2 * 4 + 2) * 1'000;
    ASSERT_TRUE(c.call({"XTRIM", broken_keys.samples, "MINID", "=", std::to_string(keep_ms)}).ok());
    run_broken(s, broken_keys, d, 20);
    expect_same();
  }
}

TEST_F(recovery_test, ticks_that_were_trimmed_off_the_log_are_missing) {
  auto sum = last_at_least("few", 2); // fewer than two values in five ticks
  sum.aggregate = aggregation::count;
  sum.compare = operand::equal_or_less_than;
  sum.timeframe_ms = 5'000;
  const auto s = plain_settings({sum});
  std::vector<naive_line> lines, rest;
  for (std::int64_t at = 0; at < 20'000; at += 250)
    (at < 10'000 ? lines : rest).push_back(say(begin_ms + at, "h", 1));
  write_log(c, whole_keys.samples, lines, dice(1));
  run_whole(s, whole_keys);
  // Only what stands behind the last seal is left of it.
  ASSERT_TRUE(
      c.call({"XTRIM", whole_keys.samples, "MINID", "=", std::to_string(begin_ms + 9'000)}).ok());
  write_log(c, whole_keys.samples, rest, dice(1));
  run_whole(s, whole_keys);
  EXPECT_TRUE(stream_of(c, whole_keys.incidents).empty());
}

TEST_F(recovery_test, a_changed_interval_begins_anew_and_keeps_what_is_open) {
  auto s = plain_settings({last_at_least("a", 5)});
  s.host_expiry_ms = 30'000;
  std::vector<naive_line> lines{heartbeat(begin_ms)}, rest, more;
  for (std::int64_t at = 0; at <= 130'000; at += 250) {
    auto& to = at <= 64'000 ? lines : at <= 72'000 ? rest : more;
    to.push_back(say(begin_ms + at, "h", 9));
    if (at <= 60'000)
      to.push_back(say(begin_ms + at, "silent", 9));
  }
  write_both(lines, dice(1));
  for (const auto& keys : {whole_keys, broken_keys})
    run_whole(s, keys);
  write_both(rest, dice(1));
  s.interval_ms = s.watcher_interval_ms = 3'000;
  run_whole(s, whole_keys);
  dice d(1);
  run_broken(s, broken_keys, d, 1);
  write_both(more, dice(1));
  run_whole(s, whole_keys); // once more restarted in the new grid
  run_broken(s, broken_keys, d, 1);
  expect_same();
  const auto events = briefs(stream_of(c, whole_keys.incidents));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_NE(events[2].find("resolved a | silent"), std::string::npos);
  EXPECT_NE(events[2].find("host-expired"), std::string::npos);
  const auto end_ms = static_cast<std::int64_t>(stream_of(c, whole_keys.incidents)[2].id.ms);
  EXPECT_GE(end_ms, begin_ms + 88'000); // rounding to the new grid costs a tick either way
  EXPECT_LE(end_ms, begin_ms + 97'000);
}

TEST_F(recovery_test, a_changed_interval_in_a_tick_of_many_parts_is_finished_as_it_was_begun) {
  auto s = plain_settings({last_at_least("a", 5)});
  std::vector<naive_line> lines{heartbeat(begin_ms)}, rest;
  for (std::int64_t at = 100; at <= 2'900; at += 200)
    lines.push_back(say(begin_ms + at, "h", 1));
  for (int i = 0; i < 1'500; ++i) { // ahead of their tick, which is the first of the new grid
    lines.push_back(say(begin_ms + 2'900, fmt::format("h{:04}", i), 9));
    *lines.back().ts_ms = begin_ms + 3'600;
  }
  lines.push_back(say(begin_ms + 3'100, "h", 1));
  for (std::int64_t at = 3'200; at <= 9'000; at += 200)
    rest.push_back(say(begin_ms + at, "h", 1));
  write_both(lines, dice(1));
  for (const auto& keys : {whole_keys, broken_keys})
    run_whole(s, keys);
  write_both(rest, dice(1));
  s.interval_ms = s.watcher_interval_ms = 500;
  run_whole(s, whole_keys);
  EXPECT_EQ(stream_of(c, whole_keys.incidents).size(), 1'500u);
  dice d(1);
  run_broken(s, broken_keys, d, 1);
  expect_same();
}

TEST_F(recovery_test, a_replay_of_the_log_gives_the_events_of_the_stream) {
  for (std::uint64_t seed = 1; seed <= 20 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    ASSERT_TRUE(c.call({"FLUSHALL"}).ok());
    dice d(seed);
    const auto s = random_settings(d);
    write_both(random_log(d, s, 4, 60, begin_ms), dice(seed));
    run_broken(s, broken_keys, d, 20);
    std::vector<incident_event> events;
    const auto report = replay_log(c, broken_keys, std::make_shared<partition_plan>(s),
                                   [&](const incident_event& e) { events.push_back(e); });
    ASSERT_TRUE(report.ok()) << report.failure().message;
    EXPECT_EQ(difference(briefs(events), briefs(stream_of(c, broken_keys.incidents))), "");
  }
}

} // namespace tocsin::recovery_test
