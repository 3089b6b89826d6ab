#include "actors/recovery_report.hpp"

#include <gtest/gtest.h>

namespace tocsin::recovery_report_test {
namespace {

tick_report committed(std::int64_t end_ms) {
  tick_report r;
  r.end_ms = end_ms;
  r.open = 2;
  r.hosts = 31;
  return r;
}

redis::progress_mark mark(std::string tick) {
  return {std::move(tick), "1/1", "1-1", "rules", "0-0"};
}

TEST(recovery_report, says_nothing_where_redis_holds_what_was_committed) {
  EXPECT_EQ("", describe_lost_data({}, false, {}));
  EXPECT_EQ("", describe_lost_data({}, false, mark("5000")));
  EXPECT_EQ("", describe_lost_data(committed(5'000), false, mark("5000")));
  EXPECT_EQ("", describe_lost_data(committed(5'000), true, mark("6000"))) << "another went on";
}

TEST(recovery_report, says_what_an_empty_redis_cost) {
  const auto said = describe_lost_data(committed(1'700'000'005'000), true, {});
  for (const auto* words : {"it came back empty", "2023-11-14T22:13:25.000Z", "2 open incidents",
                            "opens anew", "cooldowns", "the windows of 31 hosts"})
    EXPECT_NE(said.find(words), std::string::npos) << words << " in: " << said;
  EXPECT_EQ(describe_lost_data({}, true, {}).find("Redis came back empty: what the other engine"),
            0u);
}

TEST(recovery_report, says_from_when_an_older_redis_is) {
  const auto said = describe_lost_data(committed(1'700'000'005'000), false, mark("1700000000000"));
  for (const auto* words : {"it knows of ticks up to 2023-11-14T22:13:20.000Z",
                            "up to 2023-11-14T22:13:25.000Z", "may come again or differ"})
    EXPECT_NE(said.find(words), std::string::npos) << words << " in: " << said;
}

} // namespace
} // namespace tocsin::recovery_report_test
