#include "actors/api/incident_counts.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::incident_counts_test {

TEST(incident_counts_test, each_incident_counts_once_and_the_rules_with_most_come_first) {
  incident_counts c;
  EXPECT_EQ(c.json(), R"({"incidents":0,"hosts":0,"rules":0,"byRule":[]})");
  c.add("1", "b \"q\"", "web-1");
  c.add("2", "a", "web-1");
  c.add("3", "c", "web-1");
  c.add("4", "c", "web-2");
  c.add("4", "c", "web-2"); // a visit of Redis may see it twice
  EXPECT_EQ(c.json(), R"({"incidents":4,"hosts":2,"rules":3,"byRule":[{"rule":"c","incidents":2},)"
                      R"({"rule":"a","incidents":1},{"rule":"b \"q\"","incidents":1}]})");
}

TEST(incident_counts_test, of_many_rules_all_are_counted_and_some_are_named) {
  incident_counts c;
  for (int i = 0; i < 1'000; ++i)
    c.add(std::to_string(i), fmt::format("rule {:04}", i), "web-1");
  c.add("one more", "rule 0999", "web-2");
  const auto json = c.json();
  EXPECT_TRUE(json.starts_with(R"({"incidents":1001,"hosts":2,"rules":1000,"byRule":[{"rule":)"
                               R"("rule 0999","incidents":2},{"rule":"rule 0000","incidents":1})"));
  std::size_t named = 0;
  for (auto at = json.find(R"("rule":)"); at != json.npos; at = json.find(R"("rule":)", at + 1))
    ++named;
  EXPECT_EQ(named, incident_counts::rules_named_max);
}

} // namespace tocsin::incident_counts_test
