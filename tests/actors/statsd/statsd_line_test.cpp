#include "actors/statsd/statsd_line.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace tocsin::statsd_line_test {
namespace {

using kind = statsd_metric::kind;
using verdict = statsd_verdict::kind;

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
      {"t:1|c|#env:prod|c:in-6503|e:it-false|card:low", kind::counter, "t", "", 1, {1}},
      {"t:42|g|T1795996801|#host:a", kind::gauge, "t", "a", 1, {42}},
      {"t:1|c|T123|later:x", kind::counter, "t", "", 1, {1}},
      // Tags as Telegraf, Librato, Graphite and SignalFx have them.
      {"t.a,host=web-1,role=web:1|c", kind::counter, "t.a", "web-1", 1, {1}},
      {"t.a,role=,url=/a/b:1:2|ms|@0.5", kind::timer, "t.a", "", 0.5, {1, 2}},
      {"t.a#role=web,host=web-1:1|c", kind::counter, "t.a", "web-1", 1, {1}},
      {"t.a;host=web-1;role=a,b:1|g", kind::gauge, "t.a", "web-1", 1, {1}},
      {"t.a[host=web-1,role=web]:1|c", kind::counter, "t.a", "web-1", 1, {1}},
      {"[role=web,host=web-1]t.a:1|c", kind::counter, "t.a", "web-1", 1, {1}},
      {"t.a,host=one:1|c|#host:two", kind::counter, "t.a", "two", 1, {1}},
  };
  for (const auto& c : cases) {
    statsd_metric m;
    ASSERT_EQ(read_statsd_line(c.line, m).what, verdict::metric) << c.line;
    EXPECT_EQ(m.type, c.type) << c.line;
    EXPECT_EQ(m.name, c.name) << c.line;
    EXPECT_EQ(m.host, c.host) << c.line;
    EXPECT_EQ(m.rate, c.rate) << c.line;
    EXPECT_EQ(values_of(m), c.values) << c.line;
  }
}

TEST(statsd_line, a_section_of_dogstatsd_says_that_a_sign_is_the_values_own) {
  for (const char* marks : {"|#a:b", "|#", "|c:1", "|e:x", "|card:low", "|T1795996801", "|@1|#a"}) {
    statsd_metric m;
    ASSERT_EQ(read_statsd_line(std::string("g:-5|g") + marks, m).what, verdict::metric) << marks;
    EXPECT_TRUE(m.sets) << marks;
  }
  for (const char* line : {"g:-5|g", "g:-5|g|@1", "g,a=b:-5|g", "g#a=b:-5|g", "g;a=b:-5|g"}) {
    statsd_metric m;
    ASSERT_EQ(read_statsd_line(line, m).what, verdict::metric) << line;
    EXPECT_FALSE(m.sets) << line;
  }
}

TEST(statsd_line, what_may_be_the_text_of_an_event_or_a_check_has_no_shape_of_a_metric) {
  for (const char* line : {"y", "", "a: b", "a | b", "at 12:30", "| a: b"})
    EXPECT_TRUE(may_be_text(line)) << line;
  for (const char* line : {"a:1|c", "name with blanks:1|c", "a:|"})
    EXPECT_FALSE(may_be_text(line)) << line;
}

TEST(statsd_line, tells_what_it_cannot_take_from_what_is_none) {
  for (const char* line :
       {"users:42|s", "users:bob|s|#a:b", "app.u:a:b|s", "_e{5,4}:title|text", "_sc|db|0"}) {
    statsd_metric m;
    EXPECT_EQ(read_statsd_line(line, m).what, verdict::unsupported) << line;
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
                                              "a:1|c|T",
                                              "a:1|c|T12x",
                                              "a:1|c|:x",
                                              "a,b:1|c",
                                              "a,=b:1|c",
                                              "a#b:1|c",
                                              "a;b:1|c",
                                              "a;host=b c:1|c",
                                              "a[b=c:1|c",
                                              "a[b=c]d:1|c",
                                              "[b=c]:1|c",
                                              ",a=b:1|c",
                                              "users:a:b|c|s",
                                              longest + "n:1|c",
                                              "a:1|c|#host:" + longest + "n"};
  for (const auto& line : malformed) {
    statsd_metric m;
    const auto v = read_statsd_line(line, m);
    EXPECT_EQ(v.what, verdict::malformed) << line;
    EXPECT_STRNE(v.why, "") << line;
  }
  statsd_metric m;
  EXPECT_EQ(read_statsd_line(longest + ":1|c|#host:" + longest, m).what, verdict::metric);
}

// Whatever comes, what is taken has a name, values and a rate that can be added up.
TEST(statsd_line, any_bytes_are_a_metric_or_none) {
  const std::string letters = "ab:|@#,.0159-+eE_c\ngmshdT \xff\x00h;[]=";
  std::mt19937 random(7);
  int metrics = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string line = i % 2 ? "a.b:1:2.5|ms|@0.5|#host:x,e:f" : "a:-3|g";
    for (auto n = random() % 6; n > 0; --n)
      line[random() % line.size()] = letters[random() % letters.size()];
    line.resize(line.size() - random() % 3);
    statsd_metric m;
    if (read_statsd_line(line, m).what != verdict::metric)
      continue;
    ++metrics;
    EXPECT_FALSE(m.name.empty());
    EXPECT_FALSE(values_of(m).empty()) << line;
    EXPECT_TRUE(m.rate > 0 && m.rate <= 1);
  }
  EXPECT_GT(metrics, 100);
}

} // namespace
} // namespace tocsin::statsd_line_test
