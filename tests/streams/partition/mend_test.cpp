#include "streams/partition/mend.hpp"

#include "streams/redis/layout.hpp"
#include "tests/support/partition_owner.hpp"
#include "tests/support/redis_fixture.hpp"

#include <chrono>

namespace tocsin::mend_test {

using namespace test;

namespace {

constexpr const char* owner_name = "worker:nonce:1";

/// Commands, split at blanks; K is what all keys of the partition begin with.
using commands = std::vector<std::string>;

struct damage {
  std::string what;
  commands done;
  std::vector<std::string> said; ///< words of what the operator is told; none: nothing
  bool keeps_open = true;        ///< the incident that was open still is
};

} // namespace

// A partition in which `a` has an incident and `b` cools down; both have reported for ten ticks.
class mend_test : public redis_test {
protected:
  void SetUp() override {
    redis_test::SetUp();
    prepare();
  }
  void prepare() {
    ASSERT_TRUE(c.call({"FLUSHALL"}).ok());
    const auto now = *c.server_time_ms();
    at_ms = now - now % 1'000 - 60'000;
    report(10, {{"a", 60}, {"b", 60}});
    report(1, {{"a", 60}, {"b", 1}});
    go_on();
    ASSERT_EQ(events("opened"), (std::multiset<std::string>{"a", "b"}));
    ASSERT_EQ(events("resolved"), std::multiset<std::string>{"b"});
  }
  static settings config() {
    settings s;
    s.interval_ms = s.watcher_interval_ms = 1'000;
    s.grace_ms = 0;
    s.rules.push_back({.name = "hot",
                       .field = "x",
                       .aggregate = aggregation::last,
                       .threshold = 50,
                       .timeframe_ms = 3'000,
                       .cooldown_ms = 600'000});
    return s;
  }
  /// Each host reports in so many ticks; the last is sealed.
  void report(int ticks, const std::vector<std::pair<std::string, double>>& values) {
    std::vector<naive_line> lines;
    for (; ticks > 0; --ticks, at_ms += 1'000)
      for (const auto& [host, x] : values)
        lines.push_back({at_ms + 1, host, at_ms + 1, false, {{"x", x}}});
    lines.push_back({at_ms, {}, {}, false, {}});
    write_log(c, keys.samples, lines, dice(1));
  }
  /// An owner recovers, evaluates what is there, and dies.
  void go_on() {
    partition_owner owner(c, keys, config());
    owner.start();
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_TRUE(owner.read());
  }
  void run_all(const commands& all) {
    for (auto line : all) {
      for (std::size_t k; (k = line.find("K:")) != std::string::npos;)
        line.replace(k, 2, "tocsin:{0}:");
      run(line);
    }
  }
  status recover_now() {
    said.clear();
    const auto s = config();
    recovery_task t{c, keys, redis::cluster_keys("tocsin"), s, owner_name};
    t.note = [this](const std::string& what) { said += what + "\n"; };
    const auto r = recover(t);
    return r ? status(done{}) : status(r.failure());
  }
  std::multiset<std::string> events(std::string_view what) {
    std::multiset<std::string> hosts;
    for (const auto& e : stream_of(c, keys.incidents))
      if (redis::field_of(e, "event") == what)
        hosts.insert(redis::field_of(e, "hostName"));
    return hosts;
  }
  std::set<std::string> open_hosts() {
    std::set<std::string> hosts;
    EXPECT_TRUE(redis::scan_hash(c, keys.open, [&](auto, auto json) {
                  if (const auto r = read_open_record(json))
                    hosts.insert(r->host);
                }).ok());
    return hosts;
  }
  /// Alerting goes on: `c` gets an incident, the first of it, and `a` keeps or gets the only one.
  void expect_alerting(const damage& d) {
    const auto now = *c.server_time_ms();
    at_ms = std::max(at_ms, now - now % 1'000 + 2'000); // what is begun anew begins now
    report(5, {{"a", 60}, {"c", 60}});
    go_on();
    ASSERT_FALSE(HasFailure());
    EXPECT_EQ(events("opened").count("c"), 1u);
    EXPECT_EQ(open_hosts(), (std::set<std::string>{"a", "c"}));
    if (d.keeps_open) {
      EXPECT_EQ(events("opened").count("a"), stream_of(c, keys.incidents).front().id.seq == 1);
    }
  }

  const redis::partition_keys keys{"tocsin", "0"};
  std::int64_t at_ms = 0;
  std::string said;
};

TEST_F(mend_test, what_is_whole_is_left_as_it_is_and_nothing_is_said) {
  const auto before = run("HGETALL tocsin:{0}:progress").elements.size();
  const auto length = run("XLEN tocsin:{0}:samples").number;
  ASSERT_TRUE(recover_now().ok());
  EXPECT_EQ(said, "");
  EXPECT_EQ(run("HGETALL tocsin:{0}:progress").elements.size(), before);
  EXPECT_EQ(run("XLEN tocsin:{0}:samples").number, length);
}

TEST_F(mend_test, whatever_is_missing_emptied_or_foreign_alerting_goes_on_and_the_loss_is_told) {
  const std::vector<damage> all = {
      {"no progress", {"DEL K:progress"}, {"progress was missing: made again"}},
      {"another tick", {"HSET K:progress tick 5"}, {"progress was damaged: made again"}},
      {"a tick that is none", {"HSET K:progress tick x"}, {"progress was damaged"}},
      {"a tick far ahead", {"HSET K:progress tick 9000000000000000"}, {"progress was damaged"}},
      {"no part", {"HDEL K:progress part"}, {"progress was damaged"}},
      {"no position", {"HSET K:progress logId x"}, {"progress was damaged"}},
      {"other rules", {"HSET K:progress rules x"}, {"does not hold the rule set x"}},
      {"foreign fields", {"HSET K:progress foo bar"}, {}},
      {"no record", {"DEL K:ticks"}, {"windows begin anew"}},
      {"an emptied record", {"XTRIM K:ticks MAXLEN 0"}, {"windows begin anew"}},
      {"a record without its end", {"XDEL-LAST K:ticks"}, {"windows begin anew"}},
      {"neither", {"DEL K:ticks K:progress"}, {"Evaluating begins anew"}},
      {"a stray row", {"XADD K:ticks * foo bar"}, {"ticks had 1 entries above"}},
      {"a stray row in an hour", {"XADD K:ticks 9000000000000-0 foo bar"}, {"ticks had 1 entries"}},
      {"a stray row that was removed",
       {"XADD K:ticks 9000000000000-0 foo bar", "XDEL K:ticks 9000000000000-0"},
       {}},
      {"a stray event", {"XADD K:incidents * foo bar"}, {"incidents had 1 entries above"}},
      {"a stray event in an hour",
       {"XADD K:incidents 9000000000000-7 event opened id x"},
       {"incidents had 1 entries above"}},
      {"a stray event that was removed",
       {"XADD K:incidents 9000000000000-0 foo bar", "XDEL K:incidents 9000000000000-0"},
       {}},
      {"no events", {"DEL K:incidents"}, {"incidents was emptied: events up to"}},
      {"trimmed events", {"XTRIM K:incidents MAXLEN 0"}, {}},
      {"no open ones", {"DEL K:open"}, {"1 were put back from the events"}},
      {"neither open ones nor events",
       {"DEL K:open K:incidents"},
       {"1 open incidents of tocsin:{0}:open are lost", "opens anew"},
       false},
      {"a foreign open one", {"HSET K:open x {"}, {"open holds `x`, which is no open incident"}},
      {"no cooldowns", {"DEL K:cooldowns"}, {"1 cooldowns of", "are lost"}},
      {"foreign cooldowns", {"HSET K:cooldowns x {", "HSET K:cooldowns [\"hot\",\"b\"] x"}, {}},
      {"no hosts", {"DEL K:hosts"}, {"2 hosts of", "lacks the hosts of 1 open incidents"}},
      {"a foreign host", {"HSET K:hosts zz {"}, {"no record of host `zz`"}},
      {"no log", {"DEL K:samples"}, {"samples does not hold what was evaluated last"}},
      {"an emptied log", {"XTRIM K:samples MAXLEN 0"}, {"samples does not hold what was"}},
      {"no rules", {"DEL tocsin:rules"}, {}},
      {"rules that are none", {"HSET tocsin:rules current x"}, {}},
      {"nothing but incidents",
       {"DEL K:samples K:ticks K:progress K:cooldowns K:hosts"},
       {"Evaluating begins anew", "lacks the hosts of 1 open incidents"}},
      {"nothing at all", {"FLUSHALL"}, {}, false},
  };
  for (const auto& d : all) {
    SCOPED_TRACE(d.what);
    prepare();
    for (const auto& line : d.done)
      if (line.starts_with("XDEL-LAST ")) {
        const auto last = redis::last_events(c, keys.ticks, 1);
        run("XDEL " + keys.ticks + " " + last->front().id.text());
      } else {
        run_all({line});
      }
    if (run("EXISTS tocsin:{0}:lease").number == 0) {
      ASSERT_TRUE(redis::acquire_lease(c, keys, owner_name, {}).ok());
    }
    const auto recovered = recover_now();
    ASSERT_TRUE(recovered.ok()) << recovered.failure().message;
    for (const auto& words : d.said)
      EXPECT_NE(said.find(words), std::string::npos) << words << " in: " << said;
    if (d.said.empty()) {
      EXPECT_EQ(said, "");
    }
    expect_alerting(d);
    ASSERT_TRUE(recover_now().ok());
    if (d.what.find("foreign") == std::string::npos) {
      EXPECT_EQ(said, "") << "it is told once";
    }
    if (HasFailure())
      return;
  }
}

TEST_F(mend_test,
       a_key_of_another_type_is_named_with_a_way_out_and_moved_away_it_is_a_missing_one) {
  const redis::cluster_keys cluster("tocsin");
  for (const auto* key :
       {&cluster.cluster, &cluster.rules, &keys.progress, &keys.ticks, &keys.samples,
        &keys.incidents, &keys.open, &keys.cooldowns, &keys.hosts}) {
    SCOPED_TRACE(*key);
    prepare();
    run("SET " + *key + " foreign");
    const auto refused = recover_now();
    ASSERT_FALSE(refused.ok());
    for (const auto& words : {"WRONGTYPE: " + *key + " is a string and no ",
                              "RENAME " + *key + " " + *key + ":foreign"})
      EXPECT_NE(refused.failure().message.find(words), std::string::npos)
          << refused.failure().message;
    EXPECT_EQ(run("GET " + *key).text, "foreign");
    run("RENAME " + *key + " " + *key + ":foreign");
    const auto recovered = recover_now();
    ASSERT_TRUE(recovered.ok()) << recovered.failure().message;
    expect_alerting({});
    if (HasFailure())
      return;
  }
}

TEST_F(mend_test, nothing_is_mended_under_a_lease_that_is_lost) {
  run("DEL tocsin:{0}:progress");
  run("HSET tocsin:{0}:lease owner other:nonce:2");
  const auto recovered = recover_now();
  ASSERT_FALSE(recovered.ok());
  EXPECT_NE(recovered.failure().message.find("changed hands"), std::string::npos);
  EXPECT_EQ(run("EXISTS tocsin:{0}:progress").number, 0);
}

TEST_F(mend_test, a_record_made_again_decides_nothing_twice_and_goes_on_with_the_next_number) {
  const auto before = stream_of(c, keys.incidents);
  run("DEL tocsin:{0}:progress");
  ASSERT_TRUE(recover_now().ok());
  EXPECT_EQ(stream_of(c, keys.incidents), before);
  report(5, {{"a", 60}, {"c", 60}});
  go_on();
  const auto after = stream_of(c, keys.incidents);
  ASSERT_EQ(after.size(), before.size() + 1);
  EXPECT_EQ(after.back().id.seq, before.back().id.seq + 1);
}

} // namespace tocsin::mend_test
