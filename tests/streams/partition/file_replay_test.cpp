#include "streams/partition/file_replay.hpp"

#include "config/json_document.hpp"
#include "config/read_settings.hpp"
#include "tests/support/random_samples.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tocsin::file_replay_test {

using namespace test;

namespace {

struct replayed {
  std::vector<incident_event> events;
  std::vector<std::string> rejected;
};

replayed replay(const settings& s, const std::vector<std::string>& lines) {
  replayed out;
  file_replay r(std::make_shared<partition_plan>(s),
                {[&](const incident_event& e) { out.events.push_back(e); },
                 [&](std::uint64_t line, const std::string& why) {
                   out.rejected.push_back(fmt::format("{}: {}", line, why));
                 },
                 {}});
  for (const auto& l : lines)
    r.line(l);
  r.finish();
  return out;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line, '\n');)
    out.push_back(line);
  return out;
}

// An event with its keys sorted and its numbers as doubles, for files may write 1 as 1.0.
std::set<std::string> normal(const std::string& json) {
  const auto doc = json_document::read(json);
  EXPECT_TRUE(doc.ok()) << json;
  std::set<std::string> out;
  for (const auto& m : doc->root().members)
    out.insert(
        m.key + "=" +
        (m.value.type == json_node::kind::number ? write_number(m.value.number) : m.value.text));
  return out;
}

std::string line_in_file(const naive_line& l) {
  if (l.host.empty())
    return fmt::format(R"({{"heartbeat":{}}})", l.at_ms);
  auto json = json_of(l);
  return fmt::format(R"({{"at":{},{})", l.at_ms, json.substr(1));
}

settings one_rule() {
  settings s;
  s.interval_ms = s.watcher_interval_ms = 1'000;
  s.grace_ms = 0;
  rule r;
  r.name = "r";
  r.field = "x";
  r.aggregate = aggregation::last;
  r.threshold = 1;
  r.timeframe_ms = 1'000;
  s.rules = {r};
  return s;
}

} // namespace

class conformance_test : public ::testing::TestWithParam<std::string> {};

TEST_P(conformance_test, the_events_are_those_of_the_case) {
  const std::filesystem::path folder = TOCSIN_SOURCE_DIR "/tests/conformance/cases/" + GetParam();
  const auto config =
      read_settings(read_file(folder / "config.json"), "config.json", {}, purpose::replay);
  const auto got = replay(config.value, lines_of(read_file(folder / "samples.ndjson")));
  const auto want = lines_of(read_file(folder / "events.ndjson"));
  ASSERT_FALSE(want.empty());
  for (std::size_t i = 0; i < std::min(got.events.size(), want.size()); ++i)
    ASSERT_EQ(normal(event_json(got.events[i])), normal(want[i])) << "event " << i;
  EXPECT_EQ(got.events.size(), want.size());
}

namespace {
std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& e :
       std::filesystem::directory_iterator(TOCSIN_SOURCE_DIR "/tests/conformance/cases"))
    if (e.is_directory())
      names.push_back(e.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}
} // namespace

INSTANTIATE_TEST_SUITE_P(cases, conformance_test, ::testing::ValuesIn(case_names()),
                         [](const auto& info) {
                           auto name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(file_replay_test, random_logs_give_the_events_of_the_naive_model) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    dice d(seed);
    const auto s = random_settings(d);
    auto lines = random_log(d, s, d.between(1, 8), 80, 1'700'000'000'000);
    for (auto& l : lines)
      if (!l.host.empty() && d.percent(3))
        l.ts_ms.reset();
    naive_partition naive(s);
    std::vector<std::string> text;
    for (const auto& l : lines) {
      naive.enter(l);
      text.push_back(line_in_file(l));
    }
    naive.finish();
    const auto got = replay(s, text);
    ASSERT_TRUE(got.rejected.empty()) << got.rejected.front();
    for (std::size_t i = 0; i < std::max(got.events.size(), naive.events.size()); ++i)
      ASSERT_EQ(i < got.events.size() ? brief(got.events[i]) : "nothing",
                i < naive.events.size() ? brief(naive.events[i]) : "nothing")
          << "seed " << seed << ", event " << i;
  }
}

TEST(file_replay_test, a_rejected_line_has_no_effect_at_all) {
  const std::vector<std::string> good = {R"({"host":"a","ts":1000,"x":5})",
                                         R"({"host":"a","ts":2000,"x":0})",
                                         R"({"host":"a","ts":3500,"x":5})"};
  // Each of them would seal ticks, or make a gap, if it counted.
  const std::vector<std::string> bad = {R"({"heartbeat":-1})",
                                        R"({"host":"","ts":9000})",
                                        "{}",
                                        "[]",
                                        R"({"host":"a","ts":9000,"at":"x"})",
                                        R"({"host":"a","ts":9000,)",
                                        R"({"heartbeat":"9000"})"};
  auto mixed = bad; // before the first good line, too
  for (const auto& g : good) {
    mixed.push_back(g);
    mixed.insert(mixed.end(), bad.begin(), bad.end());
  }
  const auto clean = replay(one_rule(), good), dirty = replay(one_rule(), mixed);
  EXPECT_EQ(clean.events, dirty.events);
  EXPECT_EQ(clean.events.size(), 3u);
  EXPECT_EQ(dirty.rejected.size(), 4 * bad.size());
}

TEST(file_replay_test, a_sample_without_a_time_is_rejected_before_there_is_any_log_time) {
  const auto got = replay(
      one_rule(), {R"({"host":"a","x":5})", R"({"heartbeat":1000})", R"({"host":"a","x":5})"});
  EXPECT_EQ(got.rejected.size(), 1u);
  ASSERT_EQ(got.events.size(), 1u);
  EXPECT_EQ(got.events[0].start_ms, 2'000);
}

TEST(file_replay_test, a_byte_order_mark_is_skipped_where_the_file_begins) {
  const std::vector<std::string> plain = {R"({"host":"a","ts":1000,"x":5})",
                                          R"({"host":"a","ts":2500,"x":5})"};
  auto marked = plain;
  marked[0] = "\xef\xbb\xbf" + marked[0];
  EXPECT_EQ(replay(one_rule(), marked).events, replay(one_rule(), plain).events);
  EXPECT_TRUE(replay(one_rule(), marked).rejected.empty());
  EXPECT_TRUE(replay(one_rule(), {"\xef\xbb\xbf", plain[0]}).rejected.empty());
  marked[1] = "\xef\xbb\xbf" + marked[1];
  EXPECT_EQ(replay(one_rule(), marked).rejected.size(), 1u); // nowhere else
}

TEST(file_replay_test, a_line_with_a_heartbeat_and_a_host_is_a_sample) {
  const auto got = replay(one_rule(), {R"({"heartbeat":9000,"host":"a","ts":1000,"x":5})",
                                       R"({"host":"a","ts":2500,"x":5,"heartbeat":"soon"})"});
  EXPECT_TRUE(got.rejected.empty());
  ASSERT_EQ(got.events.size(), 1u);
  EXPECT_EQ(got.events[0].start_ms, 2'000);
}

TEST(file_replay_test, heartbeats_and_late_and_early_samples_seal_nothing_at_the_end) {
  const auto got =
      replay(one_rule(), {R"({"host":"a","ts":1000,"x":5})", R"({"host":"a","ts":1900,"x":0})",
                          R"({"host":"a","ts":9900,"at":1900,"x":5})"});
  EXPECT_TRUE(got.events.empty()); // tick 1 is sealed with 0
}

TEST(file_replay_test, blank_lines_count_as_lines_and_say_nothing) {
  const auto got = replay(one_rule(), {"", " \t", R"({"host":1,"ts":1})"});
  ASSERT_EQ(got.rejected.size(), 1u);
  EXPECT_EQ(got.rejected[0].substr(0, 2), "3:");
}

} // namespace tocsin::file_replay_test
