#include "actors/http/access.hpp"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tocsin::http::access_test {
namespace {

const std::string the_token = "0123456789abcdef0123456789abcdef";

access_policy with_token() {
  return {.tokens = {access_token(secret(the_token))}};
}

request get(const std::string& path, field_list headers = {}) {
  request what{.method = "GET", .path = path, .query = {}, .headers = {}, .body = {}, .remote = {}};
  what.headers = std::move(headers);
  return what;
}

access with_authorization(const std::string& value) {
  return access_decision(with_token(), get("/metrics", {{"authorization", value}}), right::read);
}

// A file with this text and mode, gone at the end of the test.
struct token_file {
  std::string path = testing::TempDir() + "token_of_" + std::to_string(getpid());
  explicit token_file(const std::string& text, mode_t mode = 0600) {
    std::remove(path.c_str());
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
  }
  ~token_file() { std::remove(path.c_str()); }
};

TEST(access, needs_the_whole_token) {
  EXPECT_EQ(with_authorization("Bearer " + the_token), access::allowed);
  EXPECT_EQ(with_authorization("bearer " + the_token), access::allowed);
  EXPECT_EQ(with_authorization("Bearer wrong"), access::token_wrong);
  EXPECT_EQ(with_authorization("Bearer "), access::token_wrong);
  EXPECT_EQ(with_authorization("Bearer " + the_token.substr(0, 31)), access::token_wrong);
  EXPECT_EQ(with_authorization("Bearer " + the_token + "0"), access::token_wrong);
  EXPECT_EQ(with_authorization("Bearer " + the_token + " "), access::token_wrong);
  EXPECT_EQ(with_authorization("Basic " + the_token), access::token_missing);
  EXPECT_EQ(with_authorization(the_token), access::token_missing);
  EXPECT_EQ(access_decision(with_token(), get("/metrics"), right::read), access::token_missing);
}

TEST(access, asks_nobody_for_what_is_open) {
  EXPECT_EQ(access_decision(with_token(), get("/healthz"), right::open), access::allowed);
  EXPECT_EQ(access_decision(with_token(), get("/none"), right::any), access::token_missing);
}

// Which rights each kind of token gives: rows are tokens, columns what is needed.
TEST(access, a_token_gives_its_right_and_no_other) {
  const auto kinds = {right::read, right::write, right::admin};
  for (const right gives : kinds) {
    const access_policy policy{.tokens = {access_token(secret("of-another-01234567"), right::admin),
                                          access_token(secret(the_token), gives)}};
    const request what = get("/x", {{"Authorization", "Bearer " + the_token}});
    for (const right needed : kinds) {
      const bool enough = gives == right::admin || gives == needed;
      EXPECT_EQ(access_decision(policy, what, needed),
                enough ? access::allowed : access::right_missing)
          << int(gives) << " for " << int(needed);
    }
    EXPECT_EQ(access_decision(policy, what, right::any), access::allowed);
  }
}

TEST(access, one_token_in_two_files_gives_both_rights) {
  const access_policy policy{.tokens = {access_token(secret(the_token), right::read),
                                        access_token(secret(the_token), right::write)}};
  const request what = get("/x", {{"Authorization", "Bearer " + the_token}});
  EXPECT_EQ(access_decision(policy, what, right::read), access::allowed);
  EXPECT_EQ(access_decision(policy, what, right::write), access::allowed);
  EXPECT_EQ(access_decision(policy, what, right::admin), access::right_missing);
}

TEST(access, needs_nothing_where_no_token_is_set) {
  EXPECT_EQ(access_decision({}, get("/metrics", {{"Host", "10.0.0.1:9480"}}), right::read),
            access::allowed);
}

TEST(access, refuses_what_a_browser_sends_for_another_site) {
  const auto decide = [](const char* origin) {
    return access_decision({}, get("/x", {{"Host", "127.0.0.1:9480"}, {"Origin", origin}}),
                           right::write);
  };
  EXPECT_EQ(decide("http://127.0.0.1:9480"), access::allowed);
  EXPECT_EQ(decide("http://127.0.0.1:8000"), access::foreign_origin);
  EXPECT_EQ(decide("https://evil.example"), access::foreign_origin);
  EXPECT_EQ(decide("null"), access::foreign_origin);
}

TEST(access, refuses_what_a_browser_fetches_for_another_site_without_an_origin) {
  const auto decide = [](const char* site, field_list more = {}, access_policy policy = {},
                         right needed = right::read) {
    more.emplace_back("Host", "127.0.0.1:9480");
    more.emplace_back("Sec-Fetch-Site", site);
    return access_decision(policy, get("/api/v1/events", std::move(more)), needed);
  };
  // An image, a script, a frame or a link of another page; what is on another port is same-site.
  EXPECT_EQ(decide("cross-site"), access::foreign_origin);
  EXPECT_EQ(decide("same-site"), access::foreign_origin);
  EXPECT_EQ(decide("whatever comes yet"), access::foreign_origin);
  EXPECT_EQ(decide("same-origin"), access::allowed);
  EXPECT_EQ(decide("none"), access::allowed); // an address that was typed
  EXPECT_EQ(decide("cross-site", {}, {}, right::open), access::allowed);
  const access_policy admitting{.origins = {"https://app.example"}};
  EXPECT_EQ(decide("cross-site", {{"Origin", "https://app.example"}}, admitting), access::allowed);
  EXPECT_EQ(decide("cross-site", {}, admitting), access::foreign_origin);
  EXPECT_EQ(decide("cross-site", {{"Authorization", "Bearer " + the_token}}, with_token()),
            access::allowed);
}

TEST(access, on_loopback_without_a_token_only_loopback_names_are_answered) {
  const access_policy policy{.loopback_names_only = true};
  for (const char* host : {"127.0.0.1:9480", "localhost:9480", "[::1]:9480", "localhost"}) {
    EXPECT_EQ(access_decision(policy, get("/x", {{"Host", host}}), right::read), access::allowed)
        << host;
  }
  for (const char* host : {"evil.example:9480", "localhost.evil.example", "", "[", "[::2]:1"}) {
    EXPECT_EQ(access_decision(policy, get("/x", {{"Host", host}}), right::read),
              access::foreign_host)
        << host;
  }
  EXPECT_EQ(access_decision(policy, get("/x"), right::read),
            access::allowed); // no browser leaves it out
}

TEST(access, a_refusal_says_how_to_authenticate) {
  const response what = to_response(access::token_missing, right::read);
  EXPECT_EQ(what.status, 401u);
  EXPECT_EQ(find_field(what.headers, "www-authenticate"), "Bearer realm=\"tocsin\"");
  EXPECT_NE(what.body.find("\"token-missing\""), std::string::npos);
  const response lacking = to_response(access::right_missing, right::write);
  EXPECT_EQ(lacking.status, 403u);
  EXPECT_NE(lacking.body.find("a write token is needed"), std::string::npos);
  EXPECT_EQ(to_response(access::foreign_origin, right::read).status, 403u);
}

TEST(read_token, a_byte_order_mark_before_it_is_none_of_the_token) {
  const token_file file("\xef\xbb\xbf" + std::string(the_token) + "\n");
  const auto token = read_token(file.path, nullptr);
  ASSERT_TRUE(token) << token.failure().message;
  EXPECT_EQ((*token)->reveal(), the_token);
}

TEST(read_token, prefers_the_file_and_trims_its_line_break) {
  const token_file file(the_token + "\r\n");
  const auto token = read_token(file.path, "from-the-environment");
  ASSERT_TRUE(token);
  EXPECT_EQ((*token)->reveal(), the_token);
  EXPECT_EQ((*read_token("", "from-the-environment"))->reveal(), "from-the-environment");
  EXPECT_FALSE(read_token("", nullptr)->has_value());
}

TEST(read_token, says_what_is_wrong_with_a_token) {
  const auto why = [](const std::string& text) {
    const token_file file(text);
    const auto token = read_token(file.path, nullptr);
    return token ? std::string("fine") : token.failure().message;
  };
  EXPECT_NE(why("").find("it is empty"), std::string::npos);
  EXPECT_NE(why("\n").find("it is empty"), std::string::npos);
  EXPECT_NE(why("two words").find("without blanks"), std::string::npos);
  EXPECT_NE(why("two\nlines").find("one line"), std::string::npos);
  EXPECT_NE(why(std::string(5000, 'x')).find("longer than"), std::string::npos);
  EXPECT_NE(read_token("", "").failure().message.find("TOCSIN_TOKEN"), std::string::npos);
  EXPECT_NE(read_token("/nowhere/token", nullptr).failure().message.find("No such file"),
            std::string::npos);
  EXPECT_NE(read_token("/tmp", nullptr).failure().message.find("/tmp"), std::string::npos);
}

TEST(read_token, warns_of_a_file_that_others_can_read_and_never_shows_the_token) {
  std::ostringstream log;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_st>(log)));
  const token_file file("short-secret", 0644);
  EXPECT_TRUE(read_token(file.path, nullptr));
  spdlog::set_default_logger(before);
  EXPECT_NE(log.str().find("can be read by other users"), std::string::npos);
  EXPECT_NE(log.str().find("only 12 characters"), std::string::npos);
  EXPECT_EQ(log.str().find("short-secret"), std::string::npos);
}

std::string why_not(const std::string& file, const char* value = nullptr) {
  const token_source from{.file = file, .variable = "TOCSIN_READ_TOKEN", .value = value};
  const auto tokens = read_tokens(std::span(&from, 1));
  return tokens ? "fine" : tokens.failure().message;
}

TEST(read_tokens, takes_every_line_of_a_file_and_every_word_of_a_variable) {
  const token_file file("\xef\xbb\xbf"
                        "first-0123456789abc\n\nsecond-0123456789ab\r\nthird-0123456789abc");
  const std::vector<token_source> sources{
      {.gives = right::read, .file = file.path, .value = "the-file-goes-first"},
      {.gives = right::write, .value = " fourth-0123456789ab\tfifth-0123456789abc"},
      {.gives = right::admin}};
  const auto tokens = read_tokens(sources);
  ASSERT_TRUE(tokens) << tokens.failure().message;
  const char* all[] = {"first", "second", "third", "fourth", "fifth"};
  ASSERT_EQ(tokens->size(), std::size(all));
  for (std::size_t i = 0; i < std::size(all); ++i) {
    const std::string text = all[i] + std::string("-0123456789abc");
    EXPECT_TRUE((*tokens)[i].matches(digest_of(text.substr(0, 19)))) << all[i];
    EXPECT_EQ((*tokens)[i].kind(), i < 3 ? right::read : right::write);
  }
}

TEST(read_tokens, takes_none_of_a_source_that_is_wrong) {
  EXPECT_NE(why_not("/nowhere/tokens").find("No such file"), std::string::npos);
  EXPECT_NE(why_not("", "").find("TOCSIN_READ_TOKEN holds no token"), std::string::npos);
  const token_file blank("\n \n");
  EXPECT_NE(why_not(blank.path).find("without blanks"), std::string::npos);
  const token_file empty("\n\r\n");
  EXPECT_NE(why_not(empty.path).find("it is empty"), std::string::npos);
  std::string many;
  for (std::size_t i = 0; i <= tokens_max; ++i) {
    many += "0123456789abcdef\n";
  }
  const token_file crowded(many);
  EXPECT_NE(why_not(crowded.path).find("more than 64 tokens"), std::string::npos);
}

TEST(require_token, unless_only_this_machine_can_reach_it) {
  EXPECT_TRUE(require_token_unless_loopback({"127.0.0.1", 9480}, false, false));
  EXPECT_TRUE(require_token_unless_loopback({"::1", 9480}, false, false));
  EXPECT_TRUE(require_token_unless_loopback({"0.0.0.0", 9480}, true, false));
  EXPECT_TRUE(require_token_unless_loopback({"0.0.0.0", 9480}, false, true));
  const auto refused = require_token_unless_loopback({"0.0.0.0", 9480}, false, false);
  ASSERT_FALSE(refused);
  for (const char* help : {"0.0.0.0:9480", "--token-file", "TOCSIN_TOKEN", "--insecure"}) {
    EXPECT_NE(refused.failure().message.find(help), std::string::npos) << help;
  }
}

} // namespace
} // namespace tocsin::http::access_test
