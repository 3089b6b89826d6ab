#include "actors/http/server.hpp"

#include "tests/actors/http/raw_connection.hpp"

#include <fmt/format.h>
#include <future>
#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <thread>

namespace tocsin::http::server_limits_test {
namespace {

using namespace std::chrono_literals;

void echo(request what, responder answer) {
  answer.send(
      response{.content_type = "text/plain", .body = fmt::format("{} bytes", what.body.size())});
}

std::unique_ptr<server> serve(server_options options = {}, handler handle = echo) {
  options.listen = {"127.0.0.1", 0};
  auto started = server::listen(std::move(options), std::move(handle));
  EXPECT_TRUE(started) << started.failure().message;
  return std::move(*started);
}

// Sends everything, in spite of whatever comes back, and only then reads, as simple clients do.
std::string send_all_then_read(const server& one, const std::string& head, std::size_t body_bytes) {
  raw_connection raw(one.port());
  EXPECT_TRUE(raw.send(head));
  const std::string piece(1u << 20, ' ');
  for (std::size_t sent = 0; sent < body_bytes; sent += piece.size()) {
    if (!raw.send(piece)) {
      ADD_FAILURE() << "the server closed after " << sent << " bytes";
      break;
    }
  }
  raw.end_sending();
  std::string answer = raw.read_to_end();
  EXPECT_FALSE(raw.was_reset());
  return answer;
}

void expect_refusal(const std::string& answer, unsigned status, const std::string& code) {
  EXPECT_TRUE(answer.starts_with(fmt::format("HTTP/1.1 {} ", status))) << answer;
  EXPECT_NE(answer.find("{\"error\":{\"code\":\"" + code + "\",\"message\":\""), std::string::npos)
      << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
}

TEST(server_limits, a_client_that_sends_100_mb_sees_the_413) {
  const auto one = serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n";
  expect_refusal(send_all_then_read(*one, head, 100u << 20), 413, "too-large");
  EXPECT_EQ(one->counts().requests, 0u);
  EXPECT_EQ(one->counts().requests_refused, 1u);
}

TEST(server_limits, a_chunked_body_above_the_limit_is_refused_when_it_passes_it) {
  const auto one = serve();
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6400000\r\n"; // 100 MiB
  expect_refusal(send_all_then_read(*one, head, 100u << 20), 413, "too-large");
}

TEST(server_limits, a_client_that_asks_first_is_told_before_it_sends) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n"
           "Expect: 100-continue\r\n\r\n");
  raw.end_sending();
  expect_refusal(raw.read_to_end(), 413, "too-large");
}

TEST(server_limits, exactly_the_limit_is_taken) {
  const auto one = serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                           "Content-Length: 16777216\r\n\r\n";
  EXPECT_TRUE(send_all_then_read(*one, head, 16u << 20).ends_with("16777216 bytes"));
}

TEST(server_limits, a_length_beyond_all_numbers_is_refused) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n");
  raw.end_sending();
  expect_refusal(raw.read_to_end(), 400, "bad-request");
}

TEST(server_limits, huge_headers_are_refused_by_name) {
  const auto one = serve();
  for (const std::string& head : {"GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
                                  "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"}) {
    raw_connection raw(one->port());
    raw.send(head);
    raw.end_sending();
    expect_refusal(raw.read_to_end(), 431, "headers-too-large");
  }
}

TEST(server_limits, a_truncated_chunked_body_is_refused_and_handled_by_nobody) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  raw.end_sending();
  expect_refusal(raw.read_to_end(), 400, "truncated");
  EXPECT_EQ(one->counts().requests, 0u);
}

TEST(server_limits, what_is_no_http_is_refused) {
  const auto one = serve();
  for (const char* text :
       {"\x16\x03\x01\x02\x01\x01\xfc\x03\x03 a TLS hello \r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
        "GET\r\n\r\n", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
    raw_connection raw(one->port());
    raw.send(text);
    raw.end_sending();
    expect_refusal(raw.read_to_end(), 400, "bad-request");
  }
  EXPECT_EQ(one->counts().requests, 0u);
}

TEST(server_limits, invalid_percent_encoding_is_refused) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n");
  expect_refusal(raw.read_to_end(), 400, "bad-url");
}

TEST(server_limits, an_unknown_transfer_encoding_or_expectation_is_refused) {
  const auto one = serve();
  raw_connection coded(one->port());
  coded.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
  coded.end_sending();
  expect_refusal(coded.read_to_end(), 501, "unknown-encoding");
  raw_connection expecting(one->port());
  expecting.send("GET / HTTP/1.1\r\nHost: x\r\nExpect: the-inquisition\r\n\r\n");
  expecting.end_sending();
  expect_refusal(expecting.read_to_end(), 417, "unknown-expectation");
}

TEST(server_limits, slow_headers_and_slow_bodies_time_out_with_408) {
  const auto one = serve({.read_timeout = 50ms});
  raw_connection slow_head(one->port());
  raw_connection slow_body(one->port());
  slow_head.send("GET / HTTP/1.1\r\nX-Slow: ");
  slow_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  for (raw_connection* raw : {&slow_head, &slow_body}) {
    const std::string answer = raw->read_until("}}\n");
    expect_refusal(answer, 408, "timeout");
    raw->end_sending();
    EXPECT_EQ(raw->read_to_end(), "");
  }
}

TEST(server_limits, a_client_that_drips_bytes_gets_no_more_time_for_it) {
  const auto one = serve({.read_timeout = 100ms});
  raw_connection raw(one->port());
  raw.send("GET / HTTP/1.1\r\n");
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (one->counts().requests_refused == 0 && std::chrono::steady_clock::now() < end) {
    raw.send("X: y\r\n");
    std::this_thread::yield();
  }
  EXPECT_EQ(one->counts().requests_refused, 1u);
}

TEST(server_limits, a_resting_connection_is_closed_without_a_word) {
  const auto one = serve({.idle_timeout = 50ms});
  raw_connection never_used(one->port());
  std::optional<raw_connection> used;
  const auto end = std::chrono::steady_clock::now() + 60s;
  do { // a machine that is busy may not send it within 50 ms
    used.emplace(one->port());
    used->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  } while (!used->read_until("0 bytes").ends_with("0 bytes") &&
           std::chrono::steady_clock::now() < end);
  EXPECT_EQ(used->read_to_end(), "");
  EXPECT_EQ(never_used.read_to_end(), "");
  EXPECT_FALSE(used->timed_out() || never_used.timed_out());
  EXPECT_EQ(one->counts().requests, 1u);
}

// A connection on which something was asked already, so that it makes room for nobody.
std::unique_ptr<raw_connection> in_use(const server& one, const char* from = "127.0.0.1") {
  auto used = std::make_unique<raw_connection>(one.port(), from);
  used->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(used->read_until("0 bytes").starts_with("HTTP/1.1 200 OK"));
  return used;
}

TEST(server_limits, one_connection_too_many_is_told_so_and_counted) {
  const auto one = serve({.connections_max = 2});
  auto first = in_use(*one);
  const auto second = in_use(*one);
  raw_connection third(one->port());
  const std::string answer = third.read_until("}}\n");
  expect_refusal(answer, 503, "overloaded");
  EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos);
  third.end_sending();
  EXPECT_EQ(third.read_to_end(), "");
  EXPECT_EQ(one->counts().connections_refused, 1u);
  first.reset();
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (one->counts().connections_open > 1 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  raw_connection fourth(one->port());
  fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(fourth.read_until("0 bytes").starts_with("HTTP/1.1 200 OK"));
}

TEST(server_limits, one_address_cannot_take_the_connections_of_others) {
  const auto one = serve({.connections_max = 100, .connections_per_address_max = 2});
  auto first = in_use(*one);
  const auto second = in_use(*one);
  raw_connection third(one->port());
  const std::string answer = third.read_until("}}\n");
  expect_refusal(answer, 429, "too-many-connections");
  EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos);
  raw_connection other(one->port(), "127.0.0.2");
  other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(other.read_until("0 bytes").starts_with("HTTP/1.1 200 OK"));
  third.end_sending();
  EXPECT_EQ(third.read_to_end(), "");
  first.reset();
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (one->counts().connections_open > 2 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  raw_connection fourth(one->port());
  fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(fourth.read_until("0 bytes").starts_with("HTTP/1.1 200 OK"));
}

TEST(server_limits, an_address_that_insists_is_closed_unanswered) {
  const auto one = serve({.connections_max = 100, .connections_per_address_max = 1});
  std::vector<std::unique_ptr<raw_connection>> held;
  held.push_back(in_use(*one));
  for (int i = 1; i < 40; ++i) {
    held.push_back(std::make_unique<raw_connection>(one->port()));
  }
  EXPECT_EQ(held.back()->read_to_end(), "");
  EXPECT_LE(one->counts().connections_open, 9u);
  EXPECT_EQ(one->counts().connections_refused, 39u);
}

TEST(server_limits, bodies_not_answered_yet_count_until_they_are) {
  std::mutex mutex;
  std::vector<responder> held;
  std::promise<void> first_held;
  const auto one = serve({.bodies_bytes_max = 1000}, [&](request what, responder answer) {
    std::lock_guard lock(mutex);
    if (what.path == "/hold") {
      held.push_back(std::move(answer));
      return first_held.set_value();
    }
    echo(std::move(what), std::move(answer));
  });
  const std::string body(800, 'x');
  raw_connection first(one->port());
  first.send("POST /hold HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n\r\n" + body);
  first_held.get_future().get();
  raw_connection second(one->port());
  second.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n\r\n" + body);
  expect_refusal(second.read_until("}}\n"), 503, "overloaded");
  {
    std::lock_guard lock(mutex);
    held.clear();
  }
  EXPECT_TRUE(first.read_until("}}\n").starts_with("HTTP/1.1 500"));
  // Answered, so its bytes are free again by the time the same connection is read again.
  first.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 800\r\n\r\n" + body);
  EXPECT_TRUE(first.read_until("800 bytes").ends_with("800 bytes"));
}

} // namespace
} // namespace tocsin::http::server_limits_test
