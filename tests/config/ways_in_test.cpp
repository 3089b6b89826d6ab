#include "config/read_settings.hpp"

#include <gtest/gtest.h>

namespace tocsin::ways_in_test {
namespace {

settings_report read(std::string_view text, const environment& env = {}) {
  return read_settings(text, "c.json", env, purpose::serve);
}

TEST(ways_in, are_off_by_default) {
  const auto report = read("{}");
  EXPECT_FALSE(report.value.statsd.on());
  EXPECT_FALSE(report.value.botpress.on());
}

TEST(ways_in, every_key_of_statsd_is_read) {
  const auto report = read(R"({"tocsin":{"statsd":{"listen":"127.0.0.1:8125","socket":"/s",
                               "host":"h","fields":{"b":"y","a":"x"}}}})");
  EXPECT_TRUE(report.problems.empty());
  const statsd_settings expected{"127.0.0.1:8125", "/s", "h", {{"a", "x"}, {"b", "y"}}};
  EXPECT_EQ(report.value.statsd, expected);
  EXPECT_TRUE(report.value.statsd.on());
}

TEST(ways_in, a_botpress_cluster_is_read_also_from_a_variable) {
  const auto report =
      read("{}", {{"BP_CONFIG_TOCSIN_BOTPRESS", R"({"redisUrl":"redis://:pw@bp:6379"})"}});
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(report.value.botpress.redis_url, "redis://:pw@bp:6379");
  EXPECT_EQ(report.value.botpress.key, "monitoring");
}

TEST(ways_in, what_is_wrong_with_a_redis_url_is_said_without_it) {
  const auto report = read(R"({"tocsin":{"botpress":{"redisUrl":"redis://u:secret@h:port"}}})");
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].pointer, "/tocsin/botpress/redisUrl");
  EXPECT_EQ(report.problems[0].text().find("secret"), std::string::npos);
}

TEST(ways_in, other_shapes_are_errors) {
  for (const auto* text :
       {R"({"tocsin":{"statsd":true}})", R"({"tocsin":{"botpress":"redis://a"}})",
        R"({"tocsin":{"statsd":{"socket":"/a\u0000b"}}})"})
    EXPECT_TRUE(has_errors(read(text).problems)) << text;
}

} // namespace
} // namespace tocsin::ways_in_test
