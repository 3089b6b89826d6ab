#include "bench/pipeline/load.hpp"
#include "bench/pipeline/plot.hpp"
#include "bench/pipeline/report.hpp"

#include <cmath>
#include <gtest/gtest.h>

namespace {

using namespace tocsin::bench;

TEST(report, quantiles_count_events_not_reads) {
  const std::vector<latency_run> runs = {{30, 1}, {10, 98}, {20, 1}};
  EXPECT_EQ(10, quantile(runs, 0.5));
  EXPECT_EQ(10, quantile(runs, 0.98));
  EXPECT_EQ(20, quantile(runs, 0.99));
  EXPECT_EQ(30, quantile(runs, 1));
  EXPECT_EQ(10, quantile(runs, 0));
  EXPECT_EQ(0, quantile({}, 0.5));
}

pipeline_report with_lags(const std::vector<double>& lags) {
  pipeline_report r;
  r.options.interval_ms = 1'000;
  for (const double lag : lags) {
    tick_report t;
    t.sealed_ms = lag;
    if (lag >= 0)
      t.reads.emplace_back(lag, 5);
    r.ticks.push_back(t);
  }
  return r;
}

TEST(report, lag_grows_by_the_slope_over_ticks_with_events) {
  EXPECT_DOUBLE_EQ(20, with_lags({100, 120, 140, 160}).lag_growth_ms());
  EXPECT_DOUBLE_EQ(20, with_lags({100, -1, 140}).lag_growth_ms());
  EXPECT_DOUBLE_EQ(0, with_lags({100}).lag_growth_ms());
  EXPECT_DOUBLE_EQ(0, with_lags({}).lag_growth_ms());
}

TEST(report, a_tick_is_missed_an_interval_after_it_was_due_or_when_it_never_came) {
  const auto r = with_lags({1'000, 1'001, -1});
  EXPECT_FALSE(r.missed(r.ticks[0]));
  EXPECT_TRUE(r.missed(r.ticks[1]));
  EXPECT_TRUE(r.missed(r.ticks[2]));
  EXPECT_NE(std::string::npos, r.json().find(R"("missed_ticks":2)"));
}

TEST(report, a_picture_has_no_numbers_that_are_none) {
  for (const auto& lags : {std::vector<double>{}, {-1}, {0}, {12, -1, 3'456.7}}) {
    const auto svg = draw(with_lags(lags));
    EXPECT_EQ(std::string::npos, svg.find("nan"));
    EXPECT_EQ(std::string::npos, svg.find("inf"));
  }
}

TEST(load, is_told_everything_in_words) {
  load_options o;
  o.url = "http://127.0.0.1:1/api/v1/samples";
  o.hosts = 7;
  o.batch = 3;
  o.interval_ms = 250;
  o.first_tick = 12;
  o.senders = 5;
  o.shape.flip_share = 0.05;
  o.shape.storm = true;
  const auto back = read_load_options(o.words());
  ASSERT_TRUE(back);
  EXPECT_EQ(o.words(), back->words());
  EXPECT_EQ(o.url, back->url);
  EXPECT_EQ("", back->socket);
  EXPECT_FALSE(read_load_options({"x"}));
}

TEST(load, sends_within_the_first_70_percent_of_an_interval) {
  EXPECT_EQ(0, batch_due_ms(0, 10, 1'000));
  EXPECT_EQ(630, batch_due_ms(9, 10, 1'000));
}

} // namespace
