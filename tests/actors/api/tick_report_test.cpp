#include "actors/api/tick_report.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::tick_report_test {
namespace {

cluster_history::newest_tick newest() {
  value_total cpu;
  cpu.add(10);
  cpu.add(30);
  return {41, {1'000, 0}, false, {{"cpu.usage", cpu}}};
}

TEST(tick_report, says_what_all_hosts_reported_in_its_tick) {
  EXPECT_EQ(cluster_json(newest(), 42'000),
            R"({"cpu.usage":{"avg":20,"min":10,"max":30,"sum":40,"count":2}})");
}

TEST(tick_report, says_nothing_of_another_tick) {
  EXPECT_EQ(cluster_json(newest(), 43'000), "");
  EXPECT_EQ(cluster_json(std::nullopt, 42'000), "");
  tick_report t;
  t.end_ms = 42'000;
  EXPECT_EQ(tick_json(t).find("cluster"), std::string::npos);
  EXPECT_TRUE(tick_json(t, "{}").ends_with(R"(,"cluster":{}})"));
}

TEST(tick_report, says_it_of_so_many_fields) {
  auto many = newest();
  for (int i = 0; i < 40; ++i)
    many.fields.push_back({fmt::format("\"{}", i), many.fields[0].total});
  const auto json = cluster_json(many, 42'000);
  EXPECT_NE(json.find(R"("\"14":)"), std::string::npos);
  EXPECT_EQ(json.find(R"("\"15":)"), std::string::npos);
}

} // namespace
} // namespace tocsin::tick_report_test
