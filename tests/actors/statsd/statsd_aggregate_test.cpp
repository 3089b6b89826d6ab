#include "actors/statsd/statsd_aggregate.hpp"

#include "config/json_document.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

namespace tocsin::statsd_aggregate_test {
namespace {

using sample_map = std::map<std::string, std::map<std::string, double>>;

// Fields by host; a host's samples together, of which none has a field twice.
sample_map samples_of(const std::vector<std::string>& texts, std::int64_t ts_ms) {
  sample_map out;
  for (const auto& text : texts) {
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      const auto line = json_document::read(std::string_view(text).substr(at, end - at));
      at = end + 1;
      EXPECT_TRUE(line) << text;
      EXPECT_EQ(line->root().find("ts")->value.number, double(ts_ms));
      auto& host = out[line->root().find("host")->value.text];
      for (const auto& m : line->root().members) {
        if (m.key != "host" && m.key != "ts") {
          EXPECT_TRUE(host.emplace(m.key, m.value.number).second) << m.key;
        }
      }
    }
  }
  return out;
}

class aggregate : public ::testing::Test {
protected:
  statsd_aggregate a{"here", {{"errs", "errors.count"}, {"web.request", "requests"}}};
  sample_map flush(std::int64_t now_ms = 0) { return samples_of(a.flush(1'000, now_ms), 1'000); }
};

TEST_F(aggregate, a_byte_order_mark_before_a_packet_is_skipped) {
  a.take("\xef\xbb\xbfhits:2|c\nhits:1|c", 0);
  EXPECT_EQ(flush(), (sample_map{{"here", {{"hits.count", 3}}}}));
}

TEST_F(aggregate, gives_each_kind_its_fields) {
  a.take("hits:2|c\nhits:3|c|@0.5\ndepth:7|g\ndepth:-2|g\ndepth:+1|g\n"
         "t:10|ms\nt:30|ms|@0.5\nsize:1:2:3|h\r\nsize:6|d\n",
         0);
  EXPECT_EQ(flush(), (sample_map{{"here",
                                  {{"hits.count", 8},
                                   {"depth", 6},
                                   {"t.count", 3},
                                   {"t.latency_sum", 70},
                                   {"t.latency_avg", 70.0 / 3},
                                   {"size.count", 4},
                                   {"size.value_sum", 12},
                                   {"size.value_avg", 3}}}}));
  EXPECT_EQ(a.counts().taken, 9u);
}

TEST_F(aggregate, a_signed_gauge_is_added_but_set_where_dogstatsd_says_it) {
  a.take("g:0|g\ng:-5|g\n", 0); // how a StatsD client sets what is below zero
  a.take("d:-5|g|#env:prod", 0);
  a.take("d:-5|g|#env:prod\nc:7|g\nc:-2|g|c:in-6503|card:low\nt:7|g\nt:-3|g|T1795996801", 0);
  a.take("s:7|g\ns:+1|g\ns:-2|g\nh:7|g\nh,host=here:-2|g\np:7|g|#a\np:+3|g|#a", 0);
  EXPECT_EQ(
      flush(),
      (sample_map{
          {"here", {{"g", -5}, {"d", -5}, {"c", -2}, {"t", -3}, {"s", 6}, {"h", 5}, {"p", 3}}}}));
}

TEST_F(aggregate, tags_behind_a_name_are_no_part_of_it_and_name_the_host) {
  a.take("hits,host=web-1,path=/a:1|c\nhits;path=/b;host=web-1:2|c\nhits#host=web-1:3|c\n"
         "hits[host=web-1]:4|c\nhits,path=/c:5|c",
         0);
  EXPECT_EQ(flush(), (sample_map{{"here", {{"hits.count", 5}}}, {"web-1", {{"hits.count", 10}}}}));
}

TEST_F(aggregate, lines_of_a_checks_or_an_events_text_are_no_lines_of_their_own) {
  a.take("_sc|svc|2|h:node-1|#k:v|m:bad|m: x\ny\nsee 12:30\nhits:1|c\nnoise\n"
         "_e{5,14}:title|line1\nline2\nbad name:1|c",
         0);
  EXPECT_EQ(a.counts().unsupported, 2u);
  EXPECT_EQ(a.counts().malformed, 2u); // "noise", "bad name"
  EXPECT_EQ(flush(), (sample_map{{"here", {{"hits.count", 1}}}}));
  a.take("_sc|svc|2|m:bad", 0);
  a.take("noise", 0); // another packet
  a.take("_sc|svc|0\nnoise", 0);
  EXPECT_EQ(a.counts().malformed, 4u);
}

TEST_F(aggregate, what_clients_send_is_taken_as_they_mean_it) {
  // hot-shots 17 as Datadog's agent gets it.
  const std::string end = "|#env:prod|c:in-6503|e:it-false|card:low";
  a.take("hits:1|c" + end + "\ntemp:-5|g" + end + "\ntemp:-5|g" + end + "\nbig:1e+21|g" + end +
             "\nnan:NaN|g" + end + "\ntsn:42|g|T1796000000" + end + "\nt:12.5|ms" + end +
             "\nusers:a:b|c|s" + end + "\nusers:17|s" + end +
             "\n_e{5,14}:title|line1\\nline2|x|d:1796000000|t:error" + end +
             "\n_sc|svc|2|h:node-1" + end + "|m:bad|m: x\ny\nlast:1|c" + end,
         0);
  EXPECT_EQ(flush(), (sample_map{{"here",
                                  {{"hits.count", 1},
                                   {"temp", -5},
                                   {"big", 1e21},
                                   {"tsn", 42},
                                   {"t.count", 1},
                                   {"t.latency_sum", 12.5},
                                   {"t.latency_avg", 12.5},
                                   {"last.count", 1}}}}));
  EXPECT_EQ(a.counts().malformed, 2u); // NaN, and a set's value that nobody can tell from a type
  EXPECT_EQ(a.counts().unsupported, 3u);
}

TEST_F(aggregate, shows_the_last_lines_that_it_did_not_take_with_the_reason) {
  EXPECT_TRUE(a.take_refused_lines().empty());
  a.take("one:x|c\ntwo:1|c\nthree\nts:1|g\nfour\x1b[31m:1|c\nfive:1|?", 0);
  const auto lines = a.take_refused_lines();
  ASSERT_EQ(lines.size(), statsd_aggregate::refused_lines_max);
  EXPECT_NE(lines[0].text.find("three"), std::string::npos);
  EXPECT_NE(lines[1].text.find("ts:1|g"), std::string::npos);
  EXPECT_EQ(lines[2].text.find('\x1b'), std::string::npos);
  EXPECT_STREQ(lines[3].why, "the type is none of c, g, ms, h, d, s");
  EXPECT_TRUE(a.take_refused_lines().empty());
  a.take(std::string(60'000, 'x'), 0);
  EXPECT_LT(a.take_refused_lines().at(0).text.size(), 200u);
}

TEST_F(aggregate, names_fields_as_it_is_told) {
  a.take("errs:2|c\nweb.request:20|ms\nweb.request:40|ms\nx.count:1|c", 0);
  EXPECT_EQ(flush(), (sample_map{{"here",
                                  {{"errors.count", 2},
                                   {"requests.count", 2},
                                   {"requests.latency_sum", 60},
                                   {"requests.latency_avg", 30},
                                   {"x.count", 1}}}}));
}

TEST_F(aggregate, a_host_that_speaks_is_told_of_whole_and_one_that_is_silent_not_at_all) {
  a.take("hits:2|c\nhits:5|c|#host:web-1\ndepth:3|g|#host:web-1", 0);
  EXPECT_EQ(flush(), (sample_map{{"here", {{"hits.count", 2}}},
                                 {"web-1", {{"hits.count", 5}, {"depth", 3}}}}));
  a.take("other:1|c|#host:web-1", 10);
  EXPECT_EQ(flush(),
            (sample_map{{"web-1", {{"hits.count", 0}, {"depth", 3}, {"other.count", 1}}}}));
  EXPECT_TRUE(flush().empty());
  EXPECT_TRUE(a.flush(1'000, 0).empty());
}

TEST_F(aggregate, forgets_what_is_not_heard_for_an_hour) {
  a.take("old:1|c\nhits:1|c", 0);
  static_cast<void>(flush());
  a.take("hits:1|c", statsd_aggregate::forget_ms);
  EXPECT_EQ(flush(statsd_aggregate::forget_ms - 1).at("here").size(), 2u);
  EXPECT_EQ(a.series(), 2u);
  a.take("hits:1|c", statsd_aggregate::forget_ms);
  static_cast<void>(flush(statsd_aggregate::forget_ms));
  EXPECT_EQ(a.series(), 1u);
  static_cast<void>(flush(2 * statsd_aggregate::forget_ms));
  EXPECT_EQ(a.series(), 0u);
  a.take("depth:+1|g", 3 * statsd_aggregate::forget_ms);
  EXPECT_EQ(flush(), (sample_map{{"here", {{"depth", 1}}}}));
}

TEST_F(aggregate, keeps_no_more_hosts_and_names_than_it_says) {
  for (std::size_t i = 0; i < statsd_aggregate::hosts_max + 5; ++i)
    a.take(fmt::format("n:1|c|#host:h{}", i), 0);
  EXPECT_EQ(a.counts().refused, 5u);
  EXPECT_EQ(flush().size(), statsd_aggregate::hosts_max);
  for (std::size_t i = 0; i < statsd_aggregate::series_max; ++i)
    a.take(fmt::format("n{}:1|g|#host:h0", i), 0);
  EXPECT_EQ(a.series(), statsd_aggregate::series_max);
  EXPECT_EQ(a.counts().refused, 5u + statsd_aggregate::hosts_max);
  a.take("n:1|c|#host:h0", 0);
  const auto texts = a.flush(1'000, 0); // one host, more than one sample
  EXPECT_GT(std::count(texts.front().begin(), texts.front().end(), '\n'), 1);
  EXPECT_EQ(samples_of(texts, 1'000).at("h0").size(),
            statsd_aggregate::series_max - statsd_aggregate::hosts_max + 1);
}

TEST_F(aggregate, counts_what_it_leaves_out) {
  a.take("users:1|s\n_sc|x|0\nnonsense\nts:1|g\nserverId:1|g\nhits:1|c\n\n", 0);
  EXPECT_EQ(a.counts().unsupported, 2u);
  EXPECT_EQ(a.counts().malformed, 3u);
  EXPECT_EQ(flush(), (sample_map{{"here", {{"hits.count", 1}}}}));
}

TEST_F(aggregate, a_sum_beyond_all_numbers_is_left_out) {
  for (int i = 0; i < 3; ++i)
    a.take("big:1e300|c\nok:1|c", 0);
  EXPECT_EQ(flush(), (sample_map{{"here", {{"ok.count", 3}}}}));
}

} // namespace
} // namespace tocsin::statsd_aggregate_test
