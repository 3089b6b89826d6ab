#include "actors/http/client.hpp"

#include "tests/actors/http/scripted_server.hpp"

#include <gtest/gtest.h>

namespace tocsin::http::client_answers_test {
namespace {

const std::string fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

result<client_response> ask(client& by, const scripted_server& whom,
                            std::string_view method = "POST") {
  return by.request(method, whom.url(), {}, method == "POST" ? "x" : "", 60'000);
}

std::string repeated(int times, const std::string& text) {
  std::string out;
  while (times-- > 0) {
    out += text;
  }
  return out;
}

// Asks twice a server that answers so on its first connection, and well on the next.
struct two_answers {
  explicit two_answers(const std::string& first, std::string_view method = "POST",
                       client_options options = {})
      : server({{first, fine}, {fine}}), by(std::move(options)), one(ask(by, server, method)),
        two(ask(by, server, method)) {}
  scripted_server server;
  client by;
  result<client_response> one, two;
};

void expect_fine(const result<client_response>& answer) {
  ASSERT_TRUE(answer) << answer.failure().message;
  EXPECT_EQ(answer->status, 200u);
  EXPECT_EQ(answer->body, "ok");
  EXPECT_TRUE(answer->whole);
}

TEST(client_answers, interim_answers_are_passed_over_and_the_connection_is_kept) {
  for (const char* interim : {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n",
                              "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
                              "HTTP/1.1 199 Odd\r\n\r\n"}) {
    for (int times : {1, 2, 32}) {
      const two_answers asked(repeated(times, interim) + fine);
      expect_fine(asked.one);
      EXPECT_FALSE(asked.one->header("Link"));
      expect_fine(asked.two);
      EXPECT_EQ(asked.server.connections(), 1) << interim;
    }
  }
}

TEST(client_answers, interim_answers_without_end_are_an_error) {
  const two_answers asked(repeated(33, "HTTP/1.1 102 Processing\r\n\r\n") + fine);
  ASSERT_FALSE(asked.one);
  EXPECT_NE(asked.one.failure().message.find("more than 32 interim answers"), std::string::npos)
      << asked.one.failure().message;
  expect_fine(asked.two);
  EXPECT_EQ(asked.server.connections(), 2);
}

TEST(client_answers, a_huge_head_is_an_error_by_name_interim_or_not) {
  for (const char* status : {"103 Early Hints", "200 OK"}) {
    const two_answers asked(
        fmt::format("HTTP/1.1 {}\r\nX: {}\r\n\r\n", status, std::string(100'000, 'x')) + fine);
    ASSERT_FALSE(asked.one);
    EXPECT_NE(asked.one.failure().message.find("head is larger than 65536 bytes"),
              std::string::npos)
        << asked.one.failure().message;
    expect_fine(asked.two);
  }
}

TEST(client_answers, a_head_of_some_kilobytes_is_none_too_large) {
  const two_answers asked("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') +
                          "\r\nContent-Length: 2\r\n\r\nok");
  expect_fine(asked.one);
}

TEST(client_answers, a_switch_of_protocols_that_nobody_asked_for_is_an_error) {
  const two_answers asked("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + fine);
  ASSERT_FALSE(asked.one);
  EXPECT_NE(asked.one.failure().message.find("101"), std::string::npos);
  EXPECT_EQ(asked.server.requests(), 2);
}

TEST(client_answers, an_end_behind_an_interim_answer_is_not_asked_again_at_once) {
  scripted_server server({{fine, "HTTP/1.1 102 Processing\r\n\r\n"}, {fine}});
  client by;
  expect_fine(ask(by, server));
  EXPECT_FALSE(ask(by, server)); // it had begun to work on it: not for us to repeat
  EXPECT_EQ(server.requests(), 2);
}

TEST(client_answers, a_204_or_304_with_a_length_has_no_body_and_ends_its_connection) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    for (const char* extra : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
      for (const char* body : {"", "HTTP/", "0\r\n\r\n"}) {
        const two_answers asked(fmt::format("HTTP/1.1 {}\r\n{}\r\n{}", status, extra, body));
        ASSERT_TRUE(asked.one) << asked.one.failure().message;
        EXPECT_EQ(fmt::to_string(asked.one->status), std::string(status, 3));
        EXPECT_EQ(asked.one->body, "");
        expect_fine(asked.two);
        EXPECT_EQ(asked.server.connections(), 2);
      }
    }
  }
  const two_answers plain("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(plain.one->status, 204u);
  expect_fine(plain.two);
  EXPECT_EQ(plain.server.connections(), 1);
}

TEST(client_answers, trailers_are_no_headers) {
  const two_answers asked("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
                          "2\r\nok\r\n0\r\nRetry-After: 86400\r\nX: y\r\n\r\n");
  ASSERT_TRUE(asked.one) << asked.one.failure().message;
  EXPECT_EQ(asked.one->body, "ok");
  EXPECT_FALSE(asked.one->header("Retry-After"));
  EXPECT_FALSE(asked.one->header("X"));
  expect_fine(asked.two);
  EXPECT_EQ(asked.server.connections(), 1);
}

TEST(client_answers, a_body_without_a_length_ends_with_its_connection) {
  const scripted_server server({{"HTTP/1.1 200 OK\r\n\r\nok"}, {fine}});
  client by;
  expect_fine(ask(by, server));
  expect_fine(ask(by, server));
  EXPECT_EQ(server.connections(), 2);
}

TEST(client_answers, a_body_that_is_cut_off_leaves_status_and_headers) {
  for (const char* framing :
       {"Content-Length: 1000\r\n\r\nok", "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n"}) {
    const scripted_server server(
        {{std::string("HTTP/1.1 202 Accepted\r\nX: y\r\n") + framing}, {fine}});
    client by;
    const auto cut = ask(by, server);
    ASSERT_TRUE(cut) << cut.failure().message;
    EXPECT_EQ(cut->status, 202u);
    EXPECT_EQ(cut->header("X"), "y");
    EXPECT_EQ(cut->body, "ok");
    EXPECT_FALSE(cut->whole);
    expect_fine(ask(by, server));
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST(client_answers, an_end_before_the_head_is_whole_is_an_error) {
  for (const char* begun : {"", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
                            "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2"}) {
    const scripted_server server({{begun}, {fine}});
    client by;
    EXPECT_FALSE(ask(by, server)) << begun;
    expect_fine(ask(by, server));
  }
}

TEST(client_answers, a_huge_body_is_read_up_to_its_bound) {
  const auto length = std::string("Content-Length: 100000000000000\r\n\r\n");
  const auto chunks = std::string("Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n");
  for (const auto& framing : {length, chunks, std::string("\r\n")}) {
    const two_answers asked("HTTP/1.1 200 OK\r\n" + framing + std::string(200'000, 'x'), "POST",
                            {.body_bytes_max = 100'000});
    ASSERT_TRUE(asked.one) << asked.one.failure().message;
    EXPECT_EQ(asked.one->body, std::string(100'000, 'x'));
    EXPECT_FALSE(asked.one->whole);
    expect_fine(asked.two);
    EXPECT_EQ(asked.server.connections(), 2);
  }
  const two_answers exact("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "POST",
                          {.body_bytes_max = 2});
  expect_fine(exact.one);
}

TEST(client_answers, a_body_that_comes_too_slowly_leaves_status_and_headers) {
  std::string never = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok";
  const scripted_server server({{never, fine}, {fine}});
  client by;
  const auto slow = by.request("GET", server.url(), {}, "", 300);
  if (slow) { // a busy machine may have lost even the head
    EXPECT_EQ(slow->status, 200u);
    EXPECT_FALSE(slow->whole);
  } else {
    EXPECT_NE(slow.failure().message.find("none within 300 ms"), std::string::npos);
  }
  expect_fine(ask(by, server));
}

TEST(client_answers, what_comes_behind_an_answer_is_not_taken_for_the_next) {
  const std::string stray = "HTTP/1.1 500 Stray\r\nContent-Length: 0\r\n\r\n";
  const two_answers asked(fine + stray);
  expect_fine(asked.one);
  expect_fine(asked.two);
}

TEST(client_answers, a_408_on_a_kept_connection_is_for_the_time_before_and_asked_anew) {
  scripted_server server(
      {{fine, "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
       {fine}});
  client by;
  expect_fine(ask(by, server));
  expect_fine(ask(by, server));
  EXPECT_EQ(server.connections(), 2);
}

TEST(client_answers, a_head_request_is_answered_without_a_body_whatever_its_length) {
  const two_answers asked("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n"
                          "Content-Length: 5\r\n\r\n",
                          "HEAD");
  ASSERT_TRUE(asked.one) << asked.one.failure().message;
  EXPECT_TRUE(asked.one->whole);
  EXPECT_EQ(asked.server.connections(), 1);
}

} // namespace
} // namespace tocsin::http::client_answers_test
