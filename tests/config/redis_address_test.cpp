#include "config/redis_address.hpp"

#include "config/redis_source.hpp"

#include <gtest/gtest.h>

namespace tocsin::redis_address_test {

namespace {

using transport = redis_address::transport;

// "DESCRIPTION USER PASSWORD", or the error.
std::string summary(std::string_view url, std::string_view options = "") {
  const auto address = read_redis_address(url, options);
  if (!address)
    return "error: " + address.failure().message;
  return address->describe() + ' ' + address->user + ' ' + address->password;
}

} // namespace

TEST(redis_address, reads_every_form_of_url) {
  EXPECT_EQ(summary("redis://localhost"), "redis://localhost:6379/0  ");
  EXPECT_EQ(summary("redis://"), "redis://127.0.0.1:6379/0  ");
  EXPECT_EQ(summary("redis://h:7000/3"), "redis://h:7000/3  ");
  EXPECT_EQ(summary("redis://h/?db=2&family=6"), "redis://h:6379/2  ");
  EXPECT_EQ(summary("redis://user:pass@hostname:7000"), "redis://hostname:7000/0 user pass");
  EXPECT_EQ(summary("redis://:pa%40ss@h"), "redis://h:6379/0  pa@ss");
  EXPECT_EQ(summary("redis://u:p@ss/w@h:1/2"), "redis://h:1/2 u p@ss/w");
  EXPECT_EQ(summary("REDISS://u@[::1]:7001/4"), "rediss://[::1]:7001/4 u ");
  EXPECT_EQ(summary("unix:///run/r%20s.sock?db=5"), "unix:///run/r s.sock?db=5  ");
  EXPECT_EQ(summary("unix://u:p@/run/r.sock"), "unix:///run/r.sock?db=0 u p");
}

TEST(redis_address, of_a_list_of_nodes_the_first_counts) {
  EXPECT_EQ(summary(R"([{"host":"a","port":7004},{"host":"b","port":7005}])"),
            "redis://a:7004/0  ");
  EXPECT_EQ(summary(R"( [{"host":"a","port":"7004","password":"p"}])"), "redis://a:7004/0  p");
}

TEST(redis_address, options_fill_in_what_the_url_does_not_say) {
  const auto options = R"({"host":"o","port":1,"username":"ou","password":"op","db":9,
                           "connectTimeout":20000,"tls":{},"keyPrefix":"x","family":6})";
  EXPECT_EQ(summary("redis://", options), "rediss://o:1/9 ou op");
  EXPECT_EQ(summary("redis://u:p@h:2/3", options), "rediss://h:2/3 u p");
  EXPECT_EQ(summary("redis://h", R"({"redisOptions":{"password":"deep"}})"),
            "redis://h:6379/0  deep");
  EXPECT_EQ(summary("redis://", R"({"path":"/r.sock"})"), "unix:///r.sock?db=0  ");
  EXPECT_EQ(read_redis_address("redis://h", options)->connect_timeout_ms, 20'000);
  EXPECT_EQ(read_redis_address("redis://h", "{}")->connect_timeout_ms, 5'000);
}

TEST(redis_address, every_option_that_changes_what_is_reached_is_honoured) {
  const auto a = read_redis_address(
      "redis://h", R"({"keyPrefix":"app:","family":4,"tls":{"rejectUnauthorized":false,
                       "servername":"redis.internal","ca":"-----BEGIN CERTIFICATE-----\nMII"}})");
  ASSERT_TRUE(a) << a.failure().message;
  EXPECT_EQ(a->key_prefix, "app:");
  EXPECT_EQ(a->family, 4);
  EXPECT_FALSE(a->tls.verify);
  EXPECT_EQ(a->tls.server_name, "redis.internal");
  EXPECT_EQ(a->tls.authorities, "-----BEGIN CERTIFICATE-----\nMII\n");
  EXPECT_EQ(a->via, transport::tls);
  const auto plain =
      read_redis_address("rediss://h", R"({"tls":{"ca":["-----BEGIN A","-----BEGIN B"]}})");
  EXPECT_TRUE(plain->tls.verify);
  EXPECT_EQ(plain->tls.authorities, "-----BEGIN A\n-----BEGIN B\n");
  EXPECT_EQ(read_redis_address("redis://h", R"({"tls":false})")->via, transport::tcp);
  EXPECT_EQ(read_redis_address("redis://h", R"({"tls":true})")->via, transport::tls);
  const auto deep =
      read_redis_address("redis://h", R"({"redisOptions":{"keyPrefix":"d:","tls":{}}})");
  EXPECT_EQ(deep->key_prefix, "d:");
  const auto by_url =
      read_redis_address("redis://h?family=6&keyPrefix=u%3A", R"({"keyPrefix":"o:"})");
  EXPECT_EQ(by_url->family, 6);
  EXPECT_EQ(by_url->key_prefix, "u:");
}

TEST(redis_address, an_option_that_is_not_honoured_is_refused_or_named) {
  const auto refusal = [](std::string_view options) { return summary("redis://h", options); };
  EXPECT_EQ(refusal(R"({"tls":{"cert":"x"}})"),
            "error: option `tls.cert` is not supported, and TLS would be another one without it: "
            "there are `rejectUnauthorized`, `servername` and `ca`");
  EXPECT_EQ(refusal(R"({"tls":{"ca":"/etc/ca.pem"}})"),
            "error: option `tls.ca` must be the PEM text of a certificate "
            "(-----BEGIN CERTIFICATE-----…), or an array of such");
  EXPECT_EQ(refusal(R"({"tls":{"rejectUnauthorized":"false"}})"),
            "error: option `tls.rejectUnauthorized` must be true or false");
  EXPECT_EQ(refusal(R"({"tls":{"servername":7}})"),
            "error: option `tls.servername` must be a string");
  EXPECT_EQ(refusal(R"({"tls":"true"})"), "error: option `tls` must be an object, true or false");
  EXPECT_EQ(refusal(R"({"family":5})"), "error: option `family` must be 4, 6 or 0");
  EXPECT_NE(refusal(R"({"keyPrefix":"{a}"})").find("`keyPrefix` takes no braces"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"natMap":{}})").find("`natMap` is not supported"), std::string::npos);
  EXPECT_NE(refusal(R"({"readOnly":true})").find("`readOnly` is not supported"), std::string::npos);
  EXPECT_EQ(refusal(R"({"readOnly":false,"natMap":null})"), "redis://h:6379/0  ");
  const auto some = read_redis_address(
      "redis://h?weight=1", R"({"maxRetriesPerRequest":3,"lazyConnect":true,"keepalive":1})");
  EXPECT_EQ(some->ignored, (std::vector<std::string>{"weight", "keepalive"}));
}

TEST(redis_address, says_which_part_is_wrong) {
  EXPECT_EQ(summary("localhost:6379"),
            "error: a Redis URL begins with redis://, rediss:// or unix://");
  EXPECT_EQ(summary("http://h"), summary(""));
  EXPECT_EQ(summary("redis://h:0"), "error: the port must be a number from 1 to 65535");
  EXPECT_EQ(summary("redis://h:99999"), summary("redis://h:x"));
  EXPECT_EQ(summary("redis://h/zero"), "error: the database must be a number such as 0");
  EXPECT_EQ(summary("redis://::1:6379"), "error: an IPv6 address stands in brackets: [::1]");
  EXPECT_EQ(summary("redis://[::1"), "error: the closing ] of an IPv6 address is missing");
  EXPECT_EQ(summary("unix://run/r.sock"),
            "error: a Unix socket has no host: write three slashes, unix:///run/redis.sock");
  EXPECT_EQ(summary("unix:///" + std::string(107, 'a')),
            "error: the path of a Unix socket has at most 107 bytes, this one 108");
  EXPECT_EQ(summary("[]"), R"(error: expected a list of nodes such as [{"host":"a","port":7004}])");
  EXPECT_EQ(summary("[{}]"), "error: the first node has no `host`");
  EXPECT_EQ(summary("redis://h", R"({"db":-1})"),
            "error: option `db` must be a whole number from 0 to 2147483647");
  EXPECT_EQ(summary("redis://h", R"({"password":5})"), "error: option `password` must be a string");
  EXPECT_EQ(summary("redis://h", "[]"), "error: the options must be an object, not an array");
  EXPECT_NE(summary("redis://h", R"({"sentinels":[]})").find("not supported"), std::string::npos);
}

TEST(redis_address, no_error_and_no_description_contains_a_secret) {
  for (const char* url :
       {"redis://u:s3cret@h:bad", "redis://u:s3cret%zz@h", "u:s3cret@h", "unix://u:s3cret@h/p",
        "rediss://:s3cret@h/db", "[s3cret]", R"([{"host":"a","password":s3cret}])"})
    EXPECT_EQ(summary(url).find("s3cret"), std::string::npos) << url;
  EXPECT_EQ(summary("redis://h", R"({"password":s3cret})").find("s3cret"), std::string::npos);
  EXPECT_EQ(summary("redis://h", R"({"password":["s3cret"]})").find("s3cret"), std::string::npos);
  EXPECT_EQ(read_redis_address("redis://u:s3cret@h", "")->describe(), "redis://h:6379/0");
}

TEST(redis_source, without_a_url_the_engine_runs_its_own) {
  for (const environment& env : {environment{}, environment{{"CLUSTER_ENABLED", "false"}},
                                 environment{{"REDIS_URL", ""}, {"REDIS_OPTIONS", "{}"}}}) {
    const auto chosen = choose_redis(env);
    ASSERT_TRUE(chosen);
    EXPECT_FALSE(*chosen);
  }
}

TEST(redis_source, the_url_of_tocsin_goes_before_that_of_botpress) {
  const auto chosen = choose_redis({{"TOCSIN_REDIS_URL", "redis://ours"},
                                    {"REDIS_URL", "redis://theirs"},
                                    {"CLUSTER_ENABLED", "true"},
                                    {"REDIS_OPTIONS", R"({"password":"p"})"}});
  ASSERT_TRUE(chosen && *chosen);
  EXPECT_EQ((*chosen)->host, "ours");
  EXPECT_EQ((*chosen)->password, "p");
  EXPECT_EQ((*choose_redis({{"REDIS_URL", "redis://theirs"}}))->host, "theirs");
}

TEST(redis_source, an_error_names_the_variable) {
  const auto complaint = [](const environment& env) {
    const auto chosen = choose_redis(env);
    const auto problems = redis_problems(env);
    EXPECT_EQ(problems.size(), 1U);
    return chosen ? "" : chosen.failure().message;
  };
  EXPECT_TRUE(complaint({{"CLUSTER_ENABLED", "true"}}).starts_with("CLUSTER_ENABLED: "));
  EXPECT_TRUE(complaint({{"CLUSTER_ENABLED", "maybe"}}).starts_with("CLUSTER_ENABLED: "));
  EXPECT_TRUE(complaint({{"REDIS_URL", "x"}}).starts_with("REDIS_URL: "));
  EXPECT_TRUE(complaint({{"TOCSIN_REDIS_URL", "x"}, {"REDIS_URL", "redis://h"}})
                  .starts_with("TOCSIN_REDIS_URL: "));
  EXPECT_TRUE(complaint({{"REDIS_URL", "redis://h"}, {"REDIS_OPTIONS", "{"}})
                  .starts_with("REDIS_OPTIONS: "));
  EXPECT_EQ(redis_problems({{"REDIS_URL", "x"}})[0].pointer, "REDIS_URL");
  EXPECT_TRUE(redis_problems({}).empty());
}

TEST(redis_source, what_is_not_honoured_or_not_safe_is_a_warning) {
  const auto found = redis_problems(
      {{"REDIS_URL", "rediss://h"},
       {"REDIS_OPTIONS", R"({"tls":{"rejectUnauthorized":false},"keepalive\u202e":1})"}});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_FALSE(has_errors(found));
  EXPECT_TRUE(found[0].message.starts_with("`tls.rejectUnauthorized` is false: whoever answers"));
  EXPECT_EQ(found[1].text(), "environment: warning: option `keepalive\\u202e` is not honoured: it "
                             "is ignored (at REDIS_OPTIONS)");
}

} // namespace tocsin::redis_address_test
