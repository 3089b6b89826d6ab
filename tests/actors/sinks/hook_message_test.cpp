#include "actors/sinks/hook_message.hpp"
#include "actors/sinks/hook_runtime.hpp"

#include "config/json_document.hpp"

#include <gtest/gtest.h>

namespace tocsin::hook_message_test {
namespace {

using kind = hook_report::kind;

TEST(hook_report, every_kind_is_read) {
  EXPECT_EQ(read_hook_report(R"({"ready":4711})")->what, kind::ready);
  EXPECT_EQ(read_hook_report(R"({"ready":4711})")->number, 4711u);
  const auto log = read_hook_report(R"({"log":"warn","hook":"a/b.js","text":"one\ntwo"})");
  ASSERT_TRUE(log);
  EXPECT_EQ(log->what, kind::log);
  EXPECT_EQ(log->level, hook_level::warn);
  EXPECT_EQ(log->hook, "a/b.js");
  EXPECT_EQ(log->text, "one\ntwo");
  EXPECT_EQ(read_hook_report(R"({"end":7,"outcome":"returned"})")->number, 7u);
  EXPECT_EQ(read_hook_report(R"({"end":7,"outcome":"timeout"})")->what, kind::timeout);
  EXPECT_EQ(read_hook_report(R"({"end":7,"outcome":"removed"})")->what, kind::removed);
  const auto threw = read_hook_report(
      R"({"end":8,"outcome":"threw","error":{"message":"E: m","place":"/a.js:1:2","stack":"s"}})");
  ASSERT_TRUE(threw);
  EXPECT_EQ(threw->what, kind::threw);
  EXPECT_EQ(threw->error.text(), "E: m (at /a.js:1:2)");
  EXPECT_EQ(threw->error.stack, "s");
  const auto fatal = read_hook_report(R"({"fatal":{"message":"E: m"}})");
  ASSERT_TRUE(fatal);
  EXPECT_EQ(fatal->what, kind::fatal);
  EXPECT_EQ(fatal->error.text(), "E: m");
}

TEST(hook_report, what_is_none_is_nothing) {
  for (const char* line :
       {"", "x", "{}", "[1]", R"({"end":1})", R"({"end":1,"outcome":"else"})",
        R"({"end":-1,"outcome":"returned"})", R"({"end":1e30,"outcome":"returned"})",
        R"({"end":1,"outcome":"returned")"})
    EXPECT_FALSE(read_hook_report(line)) << line;
}

TEST(hook_order, is_one_line_whatever_the_incident_holds) {
  const hook_script hook{"a \"b\".js", "/data/a \"b\".js"};
  const std::string incident = "{\"triggerValue\":1}\n{\"run\":2}";
  const auto order = hook_order(3, hook, incident);
  EXPECT_EQ(order.find('\n'), std::string::npos);
  const auto read = json_document::read(order);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->root().find("run")->value.number, 3);
  EXPECT_EQ(read->root().find("name")->value.text, hook.name);
  EXPECT_EQ(read->root().find("file")->value.text, hook.path);
  EXPECT_EQ(read->root().find("incident")->value.text, incident);
}

TEST(hook_environment, holds_what_is_listed_and_no_secret) {
  const std::vector<std::string> ours = {"PATH=/bin",
                                         "EXPOSED_X=1",
                                         "TOCSIN_TOKEN=secret",
                                         "REDIS_URL=redis://:p@h",
                                         "TZ=UTC",
                                         "HTTPS_PROXY=http://p",
                                         "REDIS_OPTIONS={}",
                                         "BP_CONFIG_PRO_LICENSEKEY=k",
                                         "LC_ALL=C",
                                         "NODE_OPTIONS=--inspect",
                                         "TOCSIN_REDIS_URL=u",
                                         "NO_PROXY=*",
                                         "LC_MESSAGES=C",
                                         "PATHS=x",
                                         "NOT_EXPOSED_X=1",
                                         "LD_PRELOAD=x.so"};
  EXPECT_EQ(hook_environment(ours),
            (std::vector<std::string>{"PATH=/bin", "EXPOSED_X=1", "TZ=UTC", "HTTPS_PROXY=http://p",
                                      "LC_ALL=C", "NO_PROXY=*"}));
}

} // namespace
} // namespace tocsin::hook_message_test
