#include "tools/reading/incident_filter.hpp"

#include "tools/reading/incident_groups.hpp"

#include <gtest/gtest.h>

namespace tocsin::incident_filter_test {
namespace {

incident_filter filter(std::vector<std::string> rules, std::vector<std::string> hosts = {},
                       std::vector<std::string> labels = {}) {
  auto read = incident_filter::read(rules, hosts, labels);
  EXPECT_TRUE(read);
  return std::move(*read);
}

TEST(incident_filter, takes_everything_where_nothing_is_asked) {
  EXPECT_TRUE(incident_filter().is_empty());
  EXPECT_TRUE(incident_filter().takes("r", "h", {}));
}

TEST(incident_filter, wants_one_pattern_of_each_kind_to_match) {
  const auto f = filter({"High*", "Low*"}, {"web-?"});
  EXPECT_TRUE(f.takes("High CPU", "web-1", {}));
  EXPECT_TRUE(f.takes("Low disk", "web-2", {}));
  EXPECT_FALSE(f.takes("High CPU", "db-1", {}));
  EXPECT_FALSE(f.takes("Errors", "web-1", {}));
}

TEST(incident_filter, wants_every_label_that_is_named) {
  const auto f = filter({}, {}, {"team=db", "team=w*b", "tier="});
  EXPECT_TRUE(f.takes("r", "h", {{"team", "db"}, {"tier", ""}}));
  EXPECT_TRUE(f.takes("r", "h", {{"team", "wxb"}, {"tier", ""}}));
  EXPECT_FALSE(f.takes("r", "h", {{"team", "db"}, {"tier", "1"}}));
  EXPECT_FALSE(f.takes("r", "h", {{"team", "db"}}));
  EXPECT_FALSE(filter({}, {}, {"team=*"}).takes("r", "h", {{"tier", "1"}}));
  EXPECT_TRUE(filter({}, {}, {"a=b=c"}).takes("r", "h", {{"a", "b=c"}}));
}

TEST(incident_filter, says_what_a_label_looks_like) {
  for (const std::string text : {"team", "=db"}) {
    const auto read = incident_filter::read({}, {}, {text});
    ASSERT_FALSE(read);
    EXPECT_NE(read.failure().message.find("is no NAME=PATTERN"), std::string::npos);
  }
}

TEST(incident_filter, knows_when_one_name_alone_is_meant) {
  EXPECT_EQ("a", filter({"a"}).only_rule());
  EXPECT_EQ(std::nullopt, filter({"a*"}).only_rule());
  EXPECT_EQ(std::nullopt, filter({"a", "b"}).only_rule());
  EXPECT_EQ("h", filter({}, {"h"}).only_host());
  EXPECT_EQ(std::nullopt, filter({}).only_host());
}

redis::stream_event incident(std::string rule, std::string host, text_map labels = {}) {
  redis::stream_event e;
  e.rule_name = std::move(rule);
  e.host_name = std::move(host);
  e.labels = std::move(labels);
  return e;
}

std::string lines(const char* by, const std::vector<redis::stream_event>& incidents) {
  const auto read = read_grouping(by);
  EXPECT_TRUE(read) << by;
  incident_groups groups(*read);
  for (const auto& one : incidents)
    groups.add(one);
  std::string out;
  for (const auto& one : groups.sorted())
    out += groups.json(one) + '\n';
  return out;
}

TEST(incident_groups, put_the_largest_first_and_equal_ones_by_name) {
  const std::vector all{incident("b", "h1"), incident("c", "h1"), incident("a", "h2"),
                        incident("c", "h2"), incident("a\"", "h3")};
  EXPECT_EQ("{\"rule\":\"c\",\"incidents\":2}\n{\"rule\":\"a\",\"incidents\":1}\n"
            "{\"rule\":\"a\\\"\",\"incidents\":1}\n{\"rule\":\"b\",\"incidents\":1}\n",
            lines("rule", all));
  EXPECT_EQ("{\"host\":\"h1\",\"incidents\":2}\n{\"host\":\"h2\",\"incidents\":2}\n"
            "{\"host\":\"h3\",\"incidents\":1}\n",
            lines("host", all));
}

TEST(incident_groups, have_a_group_of_those_without_the_label) {
  EXPECT_EQ("{\"label\":\"team\",\"value\":null,\"incidents\":2}\n"
            "{\"label\":\"team\",\"value\":\"\",\"incidents\":1}\n"
            "{\"label\":\"team\",\"value\":\"db\",\"incidents\":1}\n",
            lines("label:team",
                  {incident("a", "h", {{"team", "db"}}), incident("a", "h"),
                   incident("b", "h", {{"tier", "1"}}), incident("b", "h", {{"team", ""}})}));
  const incident_groups groups(*read_grouping("label:team"));
  EXPECT_EQ("      2  (no label `team`)", groups.text({std::nullopt, 2}));
}

TEST(incident_groups, are_by_rule_host_or_label) {
  for (const auto* text : {"", "rules", "label", "label:", "Host"}) {
    const auto read = read_grouping(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.failure().message.find("none of rule, host and label:NAME"), std::string::npos);
  }
}

} // namespace
} // namespace tocsin::incident_filter_test
