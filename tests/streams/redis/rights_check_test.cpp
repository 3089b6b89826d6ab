#include "streams/redis/rights_check.hpp"

#include "tests/support/redis_fixture.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

namespace tocsin::redis::rights_check_test {

class rights_check_test : public test::redis_test {
protected:
  /// What is said to a user with these rules.
  std::string said_to(const std::string& rules) {
    run("ACL SETUSER limited reset on >secret " + rules);
    auto address = server().address();
    address.user = "limited";
    address.password = "secret";
    auto as = connection::open(address);
    EXPECT_TRUE(as);
    const auto ok = check_rights(*as, keys, cluster);
    const auto keys_left = c.call({"DBSIZE"});
    EXPECT_EQ(0, keys_left->number) << "nothing was done";
    return ok ? "" : ok.failure().message;
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  static std::string all_commands() {
    std::string out;
    for (const auto one : needed_commands())
      out += " +" + std::string(one);
    return out;
  }

  const partition_keys keys{"tocsin", "0"};
  const cluster_keys cluster{"tocsin"};
};

TEST_F(rights_check_test, whoever_may_do_what_is_needed_may_start) {
  EXPECT_EQ("", said_to("~* +@all"));
  EXPECT_EQ("", said_to("~tocsin:*" + all_commands()));
}

TEST_F(rights_check_test, each_command_that_is_refused_is_named) {
  for (const auto one : needed_commands()) {
    const auto without = " -" + std::string(one.substr(0, one.find('|')));
    if (one == "auth" || one == "select" || one == "ping" || one == "client|setname" ||
        one == "config|get" || one == "discard")
      continue; // shown by opening, or dispensable
    const auto said = said_to("~tocsin:* +@all" + without);
    EXPECT_TRUE(contains(said, std::string(one))) << one << ": " << said;
    EXPECT_TRUE(contains(said, "may not use")) << said;
  }
  const auto said = said_to("~tocsin:* +@all -eval -evalsha -xtrim");
  EXPECT_TRUE(contains(said, "eval, evalsha, xtrim")) << said;
}

TEST_F(rights_check_test, so_are_keys_that_are_another_s) {
  EXPECT_TRUE(contains(said_to("~other:* +@all"), "may not use"));
}

TEST_F(rights_check_test, a_command_that_was_renamed_away_is_not_there) {
  server().restart({"--rename-command", "SCRIPT", "", "--rename-command", "XTRIM", "hidden"});
  auto as = server().connect();
  const auto ok = check_rights(as, keys, cluster);
  ASSERT_FALSE(ok);
  EXPECT_TRUE(contains(ok.failure().message, "it has no script|load, xtrim"))
      << ok.failure().message;
  server().restart();
}

TEST_F(rights_check_test, the_documentation_grants_the_same) {
  std::ifstream page(TOCSIN_SOURCE_DIR "/docs/redis.md");
  const std::string text(std::istreambuf_iterator<char>(page), {});
  const auto begin = text.find("ACL SETUSER");
  ASSERT_NE(std::string::npos, begin);
  const auto grant = text.substr(begin, text.find("```", begin) - begin);
  std::vector<std::string> documented, needed;
  const std::regex word(R"(\s\+(\S+))");
  for (std::sregex_iterator i(grant.begin(), grant.end(), word), end; i != end; ++i)
    documented.push_back((*i)[1]);
  for (const auto one : needed_commands())
    needed.emplace_back(one);
  std::sort(documented.begin(), documented.end());
  std::sort(needed.begin(), needed.end());
  EXPECT_EQ(needed, documented);
}

} // namespace tocsin::redis::rights_check_test
