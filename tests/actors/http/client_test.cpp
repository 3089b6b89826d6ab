#include "actors/http/client.hpp"

#include "actors/http/lookup.hpp"
#include "actors/http/server.hpp"

#include <future>
#include <gtest/gtest.h>
#include <thread>

namespace tocsin::http::client_test {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<server> serve(handler handle, std::uint16_t port = 0,
                              std::chrono::milliseconds idle = 60s) {
  auto started = server::listen({.listen = {"127.0.0.1", port}, .idle_timeout = idle}, handle);
  EXPECT_TRUE(started) << started.failure().message;
  return std::move(*started);
}

void say_ok(request, responder answer) {
  answer.send(response{.body = "ok", .headers = {{"Retry-After", "7"}}});
}

TEST(parse_url, reads_scheme_host_port_and_path) {
  const auto one = parse_url("http://[::1]:9480/a?b=c#d");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->host, "::1");
  EXPECT_EQ(one->port, 9480);
  EXPECT_EQ(one->path, "/a?b=c");
  EXPECT_FALSE(one->tls);
  const auto two = parse_url("https://example.com");
  ASSERT_TRUE(two);
  EXPECT_EQ(two->port, 443);
  EXPECT_EQ(two->path, "/");
  EXPECT_TRUE(two->tls);
}

TEST(parse_url, says_what_is_wrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"example.com", "does not begin with"},
      {"ftp://a", "does not begin with"},
      {"http://", "host is missing"},
      {"http://a:0", "its port"},
      {"http://a:99999", "its port"},
      {"http://a:", "its port"},
      {"http://a:b", "its port"},
      {"http://[::1", "not closed"},
      {"http://[::1]x", "its port"},
      {"http://u:p@a/", "user name"},
      {"http://a/\r\nX: y", "blank"},
      {"http://a b/", "blank"},
  };
  for (const auto& [url, why] : cases) {
    const auto parts = parse_url(url);
    ASSERT_FALSE(parts) << url;
    EXPECT_NE(parts.failure().message.find(why), std::string::npos) << parts.failure().message;
  }
  EXPECT_EQ(parse_url("http://u:p4ss@a/").failure().message.find("p4ss"), std::string::npos);
}

TEST(client, keeps_its_connection) {
  const auto one = serve(say_ok);
  client tests;
  for (int i = 0; i < 10; ++i) {
    const auto answer = tests.request("POST", "http://" + one->address() + "/", {}, "x", 60'000);
    ASSERT_TRUE(answer) << answer.failure().message;
    EXPECT_EQ(answer->status, 200u);
    EXPECT_EQ(answer->body, "ok");
    EXPECT_EQ(answer->header("retry-after"), "7");
  }
  EXPECT_EQ(one->counts().connections, 1u);
}

TEST(client, survives_a_kept_connection_that_the_server_closed) {
  auto one = serve(say_ok);
  const std::uint16_t port = one->port();
  const std::string url = "http://" + one->address() + "/";
  client tests;
  ASSERT_TRUE(tests.request("GET", url, {}, "", 60'000));
  one.reset();
  one = serve(say_ok, port);
  const auto answer = tests.request("POST", url, {}, "x", 60'000);
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(one->counts().requests, 1u);
}

TEST(client, says_whom_it_could_not_reach) {
  auto one = serve(say_ok);
  const std::string site = "http://" + one->address();
  one.reset();
  client tests;
  const auto answer = tests.request("GET", site + "/s3cr3t?k=1", {}, "", 60'000);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("cannot connect to " + site), std::string::npos);
  EXPECT_EQ(answer.failure().message.find("s3cr3t"), std::string::npos);
}

TEST(client, connects_to_a_private_address_only_if_it_is_meant) {
  const auto one = serve(say_ok);
  const auto ask = [&](client&& by, const std::string& host) {
    const auto url = "http://" + host + ":" + std::to_string(one->port()) + "/";
    const auto answer = by.request("GET", url, {}, "", 60'000);
    return answer ? std::string("ok") : answer.failure().message;
  };
  const client_options guarded{.private_addresses = false};
  EXPECT_EQ(ask(client(guarded), "127.0.0.1"), "ok");
  EXPECT_EQ(ask(client(guarded), "localhost"), "ok");
  // Forms that only a resolver understands are names.
  for (const char* host : {"127.1", "2130706433", "0x7f000001", "0"}) {
    EXPECT_EQ(ask(client(), host), "ok") << host;
    EXPECT_NE(ask(client(guarded), host).find("a private address"), std::string::npos) << host;
  }
  EXPECT_NE(ask(client(guarded), "169.254.169.254").find("a link-local address"),
            std::string::npos);
}

TEST(client, is_cancelled_while_it_looks_up_a_name) {
  std::atomic<bool> cancelled{true};
  lookup slow("localhost", 80);
  const auto began = std::chrono::steady_clock::now();
  static_cast<void>(slow.wait(began + std::chrono::minutes(1), cancelled));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  cancelled = false;
  ASSERT_TRUE(slow.wait(began + std::chrono::minutes(1), cancelled));
  EXPECT_FALSE(slow.found().empty());
}

TEST(client, gives_up_at_its_timeout_and_can_be_used_again) {
  std::vector<responder> held;
  const auto one = serve([&](request what, responder answer) {
    what.path == "/hold" ? held.push_back(std::move(answer)) : say_ok({}, std::move(answer));
  });
  client tests;
  ASSERT_TRUE(tests.request("GET", "http://" + one->address() + "/", {}, "", 60'000)); // connected
  const auto answer = tests.request("GET", "http://" + one->address() + "/hold", {}, "", 50);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.failure().message.find("none within 50 ms"), std::string::npos);
  EXPECT_TRUE(tests.request("GET", "http://" + one->address() + "/", {}, "", 60'000));
}

TEST(client, sees_the_answer_of_a_server_that_refuses_its_body) {
  const auto one = serve(say_ok);
  client tests;
  const auto answer = tests.request("POST", "http://" + one->address() + "/", {},
                                    std::string(40u << 20, 'x'), 20'000);
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(answer->status, 413u);
}

TEST(client, reads_a_head_answer_without_waiting_for_a_body) {
  const auto one = serve(say_ok);
  client tests;
  const auto answer = tests.request("HEAD", "http://" + one->address() + "/", {}, "", 60'000);
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(answer->header("Content-Length"), "2");
  EXPECT_EQ(answer->body, "");
}

TEST(client, sends_no_header_that_holds_a_line_break) {
  client tests;
  EXPECT_FALSE(tests.request("GET", "http://127.0.0.1:1/", {{"X", "a\r\nY: b"}}, "", 1000));
}

TEST(client, a_cancel_from_another_thread_ends_the_request) {
  std::promise<responder> held;
  const auto one = serve([&](request, responder answer) { held.set_value(std::move(answer)); });
  client tests;
  std::thread other([&] {
    const responder kept = held.get_future().get(); // the request is under way
    tests.cancel();
  });
  const auto answer = tests.request("GET", "http://" + one->address() + "/", {}, "", 60'000);
  other.join();
  EXPECT_FALSE(tests.request("GET", "http://" + one->address() + "/", {}, "", 60'000));
  static_cast<void>(answer); // an error, or the 500 of the dropped responder: whichever was first
}

TEST(client, a_server_that_speaks_no_tls_is_an_error_and_no_hang) {
  const auto one = serve(say_ok);
  client tests;
  const auto answer = tests.request("GET", "https://" + one->address() + "/", {}, "", 60'000);
  EXPECT_FALSE(answer);
}

} // namespace
} // namespace tocsin::http::client_test
