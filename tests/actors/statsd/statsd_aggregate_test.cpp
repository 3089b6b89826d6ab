#include "actors/statsd/statsd_aggregate.hpp"

#include "config/json_document.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>

namespace tocsin {
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
  a.take("users:1|s\n_sc|x|0\nnonsense\nts:1|g\nhost:1|g\nhits:1|c\n\n", 0);
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
} // namespace tocsin
