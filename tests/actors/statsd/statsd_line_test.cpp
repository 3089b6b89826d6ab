#include "actors/statsd/statsd_line.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace tocsin {
namespace {

using kind = statsd_metric::kind;
using verdict = statsd_verdict;

struct line_case {
  std::string line;
  kind type;
  std::string name, host;
  double rate;
  std::vector<double> values;
};

std::vector<double> values_of(statsd_metric m) {
  std::vector<double> out;
  while (const auto v = next_statsd_value(m.values))
    out.push_back(v->number);
  return out;
}

TEST(statsd_line, reads_what_clients_write) {
  const std::vector<line_case> cases = {
      {"hits:1|c", kind::counter, "hits", "", 1, {1}},
      {"hits:-3|c|@0.1", kind::counter, "hits", "", 0.1, {-3}},
      {"hits:1.5e3|c|@1", kind::counter, "hits", "", 1, {1500}},
      {"a.b-c_d/e:7|g", kind::gauge, "a.b-c_d/e", "", 1, {7}},
      {"depth:+7|g", kind::gauge, "depth", "", 1, {7}},
      {"depth:-7|g", kind::gauge, "depth", "", 1, {-7}},
      {"t:320|ms|@0.5", kind::timer, "t", "", 0.5, {320}},
      {"size:1:2:3.5|h", kind::histogram, "size", "", 1, {1, 2, 3.5}},
      {"size:4|d|#env:prod", kind::histogram, "size", "", 1, {4}},
      {"t:1|c|#env:prod,host:web-1,role:web", kind::counter, "t", "web-1", 1, {1}},
      {"t:1|c|#host:", kind::counter, "t", "", 1, {1}},
      {"t:1|c|#", kind::counter, "t", "", 1, {1}},
      {"t:1|c|@0.5|#host:a|c:83c0a99c0a54", kind::counter, "t", "a", 0.5, {1}},
  };
  for (const auto& c : cases) {
    statsd_metric m;
    ASSERT_EQ(read_statsd_line(c.line, m), verdict::metric) << c.line;
    EXPECT_EQ(m.type, c.type) << c.line;
    EXPECT_EQ(m.name, c.name) << c.line;
    EXPECT_EQ(m.host, c.host) << c.line;
    EXPECT_EQ(m.rate, c.rate) << c.line;
    EXPECT_EQ(values_of(m), c.values) << c.line;
  }
}

TEST(statsd_line, tells_what_it_cannot_take_from_what_is_none) {
  for (const char* line : {"users:42|s", "users:bob|s|#a:b", "_e{5,4}:title|text", "_sc|db|0",
                           "late:1|c|T1656581400"}) {
    statsd_metric m;
    EXPECT_EQ(read_statsd_line(line, m), verdict::unsupported) << line;
  }
  const std::string longest(statsd_name_bytes_max, 'n');
  const std::vector<std::string> malformed = {"",
                                              ":",
                                              "|",
                                              "a",
                                              "a:",
                                              "a:1",
                                              "a:1|",
                                              "a:|c",
                                              ":1|c",
                                              "a:1|x",
                                              "a:one|c",
                                              "a:1 |c",
                                              "a: 1|c",
                                              "a b:1|c",
                                              "a:1:|c",
                                              "a::1|c",
                                              "a:1::2|c",
                                              "a:nan|g",
                                              "a:inf|g",
                                              "a:-inf|g",
                                              "a:1e301|g",
                                              "a:1e999|g",
                                              "a:0x10|c",
                                              "a:+-1|g",
                                              "a:++1|g",
                                              "a:1|c|@0",
                                              "a:1|c|@2",
                                              "a:1|c|@",
                                              "a:1|c|@-1",
                                              "a:1|c|@nan",
                                              "a:1|c|@1e-300",
                                              "a:1|c|?",
                                              "a:1|c|#host:a b",
                                              "a\x01:1|c",
                                              "\xff\xfe:1|c",
                                              "a:1|c|#host:\xc3\x28",
                                              "a|b:1|c",
                                              longest + "n:1|c",
                                              "a:1|c|#host:" + longest + "n"};
  for (const auto& line : malformed) {
    statsd_metric m;
    EXPECT_EQ(read_statsd_line(line, m), verdict::malformed) << line;
  }
  statsd_metric m;
  EXPECT_EQ(read_statsd_line(longest + ":1|c|#host:" + longest, m), verdict::metric);
}

// Whatever comes, what is taken has a name, values and a rate that can be added up.
TEST(statsd_line, any_bytes_are_a_metric_or_none) {
  const std::string letters = "ab:|@#,.0159-+eE_c\ngmshdT \xff\x00h";
  std::mt19937 random(7);
  int metrics = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string line = i % 2 ? "a.b:1:2.5|ms|@0.5|#host:x,e:f" : "a:-3|g";
    for (auto n = random() % 6; n > 0; --n)
      line[random() % line.size()] = letters[random() % letters.size()];
    line.resize(line.size() - random() % 3);
    statsd_metric m;
    if (read_statsd_line(line, m) != verdict::metric)
      continue;
    ++metrics;
    EXPECT_FALSE(m.name.empty());
    EXPECT_FALSE(values_of(m).empty()) << line;
    EXPECT_TRUE(m.rate > 0 && m.rate <= 1);
  }
  EXPECT_GT(metrics, 100);
}

} // namespace
} // namespace tocsin
