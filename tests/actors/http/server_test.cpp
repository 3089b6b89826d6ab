#include "actors/http/server.hpp"

#include "actors/http/client.hpp"
#include "actors/http/router.hpp"
#include "tests/actors/http/raw_connection.hpp"

#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>
#include <thread>

namespace tocsin::http::server_test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t patience_ms = 60'000;

server_options on_any_port() {
  return {.listen = {"127.0.0.1", 0}};
}

std::unique_ptr<server> serve(handler handle, server_options options = on_any_port()) {
  auto started = server::listen(std::move(options), std::move(handle));
  EXPECT_TRUE(started) << started.failure().message;
  return std::move(*started);
}

void echo(request what, responder answer) {
  answer.send(response{.content_type = "text/plain",
                       .body = fmt::format("{} {} {}", what.method, what.path, what.body)});
}

std::string url_of(const server& one, const std::string& path = "/") {
  return "http://" + one.address() + path;
}

TEST(server, hands_the_handler_a_whole_decoded_request) {
  std::promise<request> seen;
  const auto one = serve([&](request what, responder answer) {
    seen.set_value(std::move(what));
    answer.send(response{});
  });
  client tests;
  ASSERT_TRUE(
      tests.request("PUT", url_of(*one, "/a%20b?x=%26"), {{"X-Test", "yes"}}, "body", patience_ms));
  const request what = seen.get_future().get();
  EXPECT_EQ(what.method, "PUT");
  EXPECT_EQ(what.path, "/a b");
  EXPECT_EQ(what.parameter("x"), "&");
  EXPECT_EQ(what.header("x-test"), "yes");
  EXPECT_EQ(what.body, "body");
  EXPECT_TRUE(what.remote.starts_with("127.0.0.1:"));
}

TEST(server, answers_head_with_the_length_and_without_the_body) {
  const auto one = serve(echo);
  raw_connection raw(one->port());
  raw.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = raw.read_to_end();
  EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(server, answers_pipelined_requests_in_order_whenever_their_answers_come) {
  std::vector<std::thread> threads;
  const auto one = serve([&](request what, responder answer) {
    threads.emplace_back([what = std::move(what), answer = std::move(answer)]() mutable {
      echo(std::move(what), std::move(answer));
    });
  });
  raw_connection raw(one->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += fmt::format("POST /{} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", i);
  }
  ASSERT_TRUE(raw.send(requests));
  for (int i = 0; i < 50; ++i) {
    const std::string expected = fmt::format("POST /{} body", i);
    EXPECT_TRUE(raw.read_until(expected).ends_with("\r\n\r\n" + expected)) << i;
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

TEST(server, reads_chunked_bodies) {
  const auto one = serve(echo);
  raw_connection raw(one->port());
  raw.send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
           "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: z\r\n\r\n");
  EXPECT_TRUE(raw.read_until("POST /c abcdefg").ends_with("POST /c abcdefg"));
}

TEST(server, says_continue_to_a_client_that_waits_for_it) {
  const auto one = serve(echo);
  raw_connection raw(one->port());
  raw.send("POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(raw.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  raw.send("ok");
  EXPECT_TRUE(raw.read_until("POST /e ok").ends_with("POST /e ok"));
}

TEST(server, closes_after_an_http_1_0_request) {
  const auto one = serve(echo);
  raw_connection raw(one->port());
  raw.send("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(raw.read_to_end().ends_with("GET /old "));
}

TEST(server, serves_200_keep_alive_connections_at_once) {
  const auto one = serve(echo, {.listen = {"127.0.0.1", 0}, .threads = 2});
  std::vector<std::unique_ptr<raw_connection>> all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(std::make_unique<raw_connection>(one->port()));
  }
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_TRUE(all[i]->send(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", i)));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string expected = fmt::format("GET /{} ", i);
      ASSERT_TRUE(all[i]->read_until("\r\n\r\n" + expected).ends_with(expected)) << i;
    }
  }
  EXPECT_EQ(one->counts().requests, 1000u);
  EXPECT_EQ(one->counts().connections, 200u);
  EXPECT_EQ(one->counts().connections_open, 200u);
}

TEST(server, an_answer_may_come_from_another_thread) {
  std::promise<responder> taken;
  const auto one = serve([&](request, responder answer) { taken.set_value(std::move(answer)); });
  std::thread other([&] { taken.get_future().get().send(response{.body = "from afar"}); });
  client tests;
  const auto answer = tests.request("GET", url_of(*one), {}, "", patience_ms);
  other.join();
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(answer->body, "from afar");
}

TEST(server, a_dropped_responder_and_a_throwing_handler_are_answered_with_500) {
  const auto one = serve([](request what, responder) {
    if (what.path == "/throw") {
      throw std::runtime_error("a bug");
    }
  });
  client tests;
  for (const char* path : {"/drop", "/throw", "/drop"}) { // and the connection stays usable
    const auto answer = tests.request("GET", url_of(*one, path), {}, "", patience_ms);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500u);
    EXPECT_NE(answer->body.find("\"internal\""), std::string::npos);
  }
  EXPECT_EQ(one->counts().connections, 1u);
}

TEST(server, a_responder_may_outlive_its_connection_and_its_server) {
  std::promise<responder> first;
  std::promise<responder> second;
  auto one = serve(
      [&](request what, responder answer) {
        (what.path == "/1" ? first : second).set_value(std::move(answer));
      },
      {.listen = {"127.0.0.1", 0}, .stop_timeout = 10ms});
  auto raw = std::make_unique<raw_connection>(one->port());
  raw->send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  responder early = first.get_future().get();
  raw.reset();
  early.send(response{});
  raw_connection other(one->port());
  other.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  responder late = second.get_future().get();
  one.reset();
  late.send(response{});
}

TEST(server, a_stop_lets_the_answers_that_are_owed_go_out) {
  std::promise<responder> taken;
  auto one = serve([&](request, responder answer) { taken.set_value(std::move(answer)); });
  raw_connection resting(one->port());
  raw_connection raw(one->port());
  raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  responder answer = taken.get_future().get();
  std::thread stopping([&] { one->stop(); });
  EXPECT_EQ(resting.read_to_end(), ""); // closed at once: the stop has begun
  answer.send(response{.body = "last words"});
  const std::string got = raw.read_to_end();
  stopping.join();
  EXPECT_TRUE(got.ends_with("last words")) << got;
  EXPECT_NE(got.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(raw_connection(one->port()).connected());
}

TEST(server, a_stop_takes_no_longer_than_it_may_whoever_is_connected) {
  ASSERT_LT(server_options{}.stop_timeout, 1s);
  std::vector<responder> held;
  auto one = serve([&](request, responder answer) { held.push_back(std::move(answer)); },
                   {.listen = {"127.0.0.1", 0}, .idle_timeout = 10min, .read_timeout = 10min});
  raw_connection handled(one->port());
  raw_connection half(one->port());
  raw_connection resting(one->port());
  handled.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  half.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  const auto begin = std::chrono::steady_clock::now();
  one->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s); // not as long as those stay
  one->stop();
}

TEST(server, a_port_in_use_is_named_with_what_to_do) {
  const auto one = serve(echo);
  const auto two = server::listen({.listen = {"127.0.0.1", one->port()}}, echo);
  ASSERT_FALSE(two);
  const std::string& message = two.failure().message;
  EXPECT_NE(message.find("cannot listen on " + one->address()), std::string::npos) << message;
  EXPECT_NE(message.find("another program"), std::string::npos);
  EXPECT_NE(message.find("--listen"), std::string::npos);
}

TEST(server, a_host_that_is_not_this_machine_is_an_error) {
  for (const char* host : {"192.0.2.1", "no-such-host.invalid"}) {
    const auto one = server::listen({.listen = {host, 0}}, echo);
    ASSERT_FALSE(one);
    EXPECT_NE(one.failure().message.find(host), std::string::npos) << one.failure().message;
  }
}

TEST(server, listens_on_ipv6_where_the_machine_has_it) {
  auto one = server::listen({.listen = {"::1", 0}}, echo);
  if (!one) {
    GTEST_SKIP() << one.failure().message;
  }
  client tests;
  const auto answer = tests.request("GET", url_of(**one, "/six"), {}, "", patience_ms);
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(answer->body, "GET /six ");
}

TEST(server, a_port_is_free_again_at_once_after_a_stop) {
  auto one = serve(echo);
  const std::uint16_t port = one->port();
  client tests;
  ASSERT_TRUE(tests.request("GET", url_of(*one), {}, "", patience_ms));
  one.reset();
  EXPECT_TRUE(server::listen({.listen = {"127.0.0.1", port}}, echo));
}

TEST(server, with_a_router_refuses_a_wrong_token_and_serves_the_right_one) {
  const auto routes =
      std::make_shared<router>(access_policy{.tokens = {access_token(secret("0123456789abcdef"))}});
  routes->add("GET", "/metrics", right::read, echo);
  const auto one = serve(
      [routes](request what, responder answer) { (*routes)(std::move(what), std::move(answer)); });
  client tests;
  const auto status = [&](const field_list& headers) {
    return tests.request("GET", url_of(*one, "/metrics"), headers, "", patience_ms)->status;
  };
  EXPECT_EQ(status({}), 401u);
  EXPECT_EQ(status({{"Authorization", "Bearer 0123456789abcde"}}), 401u);
  EXPECT_EQ(status({{"Authorization", "Bearer 0123456789abcdef"}}), 200u);
}

} // namespace
} // namespace tocsin::http::server_test
