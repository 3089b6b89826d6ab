#include "actors/http/access.hpp"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tocsin::http {
namespace {

const std::string the_token = "0123456789abcdef0123456789abcdef";

access_policy with_token() {
  return {.token = access_token(secret(the_token))};
}

request get(const std::string& path, field_list headers = {}) {
  request what{.method = "GET", .path = path, .query = {}, .headers = {}, .body = {}, .remote = {}};
  what.headers = std::move(headers);
  return what;
}

access with_authorization(const std::string& value) {
  return access_decision(with_token(), get("/metrics", {{"authorization", value}}));
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
  EXPECT_EQ(access_decision(with_token(), get("/metrics")), access::token_missing);
}

TEST(access, lets_probes_in_without_a_token_and_nothing_else) {
  for (const char* path : {"/healthz", "/readyz", "/-/healthy", "/-/ready"}) {
    EXPECT_EQ(access_decision(with_token(), get(path)), access::allowed) << path;
  }
  for (const char* path : {"/", "/healthz/", "/healthz/../metrics", "/HEALTHZ", "/unknown"}) {
    EXPECT_EQ(access_decision(with_token(), get(path)), access::token_missing) << path;
  }
}

TEST(access, needs_nothing_where_no_token_is_set) {
  EXPECT_EQ(access_decision({}, get("/metrics", {{"Host", "10.0.0.1:9480"}})), access::allowed);
}

TEST(access, refuses_what_a_browser_sends_for_another_site) {
  const auto decide = [](const char* origin) {
    return access_decision({}, get("/x", {{"Host", "127.0.0.1:9480"}, {"Origin", origin}}));
  };
  EXPECT_EQ(decide("http://127.0.0.1:9480"), access::allowed);
  EXPECT_EQ(decide("http://127.0.0.1:8000"), access::foreign_origin);
  EXPECT_EQ(decide("https://evil.example"), access::foreign_origin);
  EXPECT_EQ(decide("null"), access::foreign_origin);
}

TEST(access, on_loopback_without_a_token_only_loopback_names_are_answered) {
  const access_policy policy{.loopback_names_only = true};
  for (const char* host : {"127.0.0.1:9480", "localhost:9480", "[::1]:9480", "localhost"}) {
    EXPECT_EQ(access_decision(policy, get("/x", {{"Host", host}})), access::allowed) << host;
  }
  for (const char* host : {"evil.example:9480", "localhost.evil.example", "", "[", "[::2]:1"}) {
    EXPECT_EQ(access_decision(policy, get("/x", {{"Host", host}})), access::foreign_host) << host;
  }
  EXPECT_EQ(access_decision(policy, get("/x")), access::allowed); // no browser leaves it out
}

TEST(access, a_refusal_says_how_to_authenticate) {
  const response what = to_response(access::token_missing);
  EXPECT_EQ(what.status, 401u);
  EXPECT_EQ(find_field(what.headers, "www-authenticate"), "Bearer realm=\"tocsin\"");
  EXPECT_NE(what.body.find("\"token-missing\""), std::string::npos);
  EXPECT_EQ(to_response(access::foreign_origin).status, 403u);
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
} // namespace tocsin::http
