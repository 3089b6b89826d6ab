#include "actors/http/server.hpp"

#include "tests/actors/http/raw_connection.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <vector>

namespace tocsin::http::server_admission_test {
namespace {

using connections = std::vector<std::unique_ptr<raw_connection>>;

void echo(request what, responder answer) {
  answer.send(response{.content_type = "text/plain",
                       .body = fmt::format("{} bytes, X is {}", what.body.size(),
                                           what.header("X").value_or("none"))});
}

// /closed is refused, /small takes 100 bytes, /open is anybody's, and the rest makes one known.
admission by_path(const request& head) {
  admission out{.handle = echo, .refused = head.path == "/closed"};
  if (out.refused) {
    out.handle = [](const request&, responder answer) {
      answer.send(refusal{401, "token-missing", "no"});
    };
  }
  if (head.path == "/small") {
    out.body_bytes_max = 100;
  }
  out.known = head.path != "/open" && !out.refused;
  return out;
}

std::unique_ptr<server> serve(server_options options = {}) {
  options.listen = {"127.0.0.1", 0};
  auto started = server::listen(std::move(options), doorkeeper(by_path));
  EXPECT_TRUE(started) << started.failure().message;
  return std::move(*started);
}

std::string post(const std::string& path, std::size_t length, const std::string& more = "") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n", path, length,
                     more);
}

std::string get(const std::string& path) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path);
}

std::string status_of(raw_connection& one, const std::string& bytes) {
  one.send(bytes);
  const auto head = one.read_until("\r\n\r\n");
  const auto length = head.find("Content-Length: ");
  if (length != std::string::npos) {
    one.skip(std::stoul(head.substr(length + 16)));
  }
  return head.substr(0, std::min<std::size_t>(head.size(), 12));
}

void expect_closed(raw_connection& one) {
  EXPECT_EQ(one.read_to_end(), "");
  EXPECT_FALSE(one.timed_out());
}

TEST(server_admission, a_body_that_is_refused_is_not_waited_for) {
  const auto one = serve();
  for (const char* more : {"", "Expect: 100-continue\r\n"}) {
    raw_connection raw(one->port());
    EXPECT_EQ(status_of(raw, post("/closed", 10'000'000, more)), "HTTP/1.1 401") << more;
    raw.end_sending();
    expect_closed(raw);
  }
  raw_connection chunked(one->port());
  EXPECT_EQ(status_of(chunked, "POST /closed HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "HTTP/1.1 401");
}

TEST(server_admission, a_refusal_without_a_body_keeps_the_connection) {
  const auto one = serve();
  raw_connection raw(one->port());
  EXPECT_EQ(status_of(raw, get("/closed")), "HTTP/1.1 401");
  EXPECT_EQ(status_of(raw, post("/closed", 0)), "HTTP/1.1 401");
  EXPECT_EQ(status_of(raw, get("/")), "HTTP/1.1 200");
}

TEST(server_admission, a_body_larger_than_its_route_takes_is_refused_unread) {
  const auto one = serve();
  raw_connection announced(one->port());
  EXPECT_EQ(status_of(announced, post("/small", 101)), "HTTP/1.1 413");
  raw_connection chunked(one->port());
  EXPECT_EQ(status_of(chunked,
                      "POST /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n62"
                      "\r\n"),
            "HTTP/1.1 413");
  raw_connection exact(one->port());
  EXPECT_EQ(status_of(exact, post("/small", 100) + std::string(100, 'x')), "HTTP/1.1 200");
  EXPECT_EQ(status_of(exact, post("/", 101) + std::string(101, 'x')), "HTTP/1.1 200");
}

TEST(server_admission, a_body_that_would_not_fit_is_refused_when_it_is_announced) {
  const auto one = serve({.bodies_bytes_max = 1000});
  raw_connection holds(one->port());
  holds.send(post("/", 800) + std::string(799, 'x'));
  // What was only announced keeps nobody out: this waits until all of that has arrived.
  std::string status;
  for (int tries = 0; tries < 10'000 && status != "HTTP/1.1 503"; ++tries) {
    raw_connection next(one->port());
    next.send(post("/", 300));
    next.end_sending();
    status = next.read_until("\r\n").substr(0, 12); // 400: it was waited for
  }
  EXPECT_EQ(status, "HTTP/1.1 503");
  holds.send("x");
  EXPECT_TRUE(holds.read_until("800 bytes").ends_with("800 bytes"));
}

TEST(server_admission, the_bodies_of_one_address_leave_room_for_others) {
  const auto one = serve({.bodies_bytes_max = 10'000, .bodies_per_address_bytes_max = 1000});
  raw_connection holds(one->port());
  holds.send(post("/", 800) + std::string(799, 'x'));
  std::string status;
  for (int tries = 0; tries < 10'000 && status != "HTTP/1.1 429"; ++tries) {
    raw_connection next(one->port());
    status = status_of(next, post("/", 300) + std::string(300, 'x'));
  }
  EXPECT_EQ(status, "HTTP/1.1 429");
  raw_connection other(one->port(), "127.0.0.2");
  EXPECT_EQ(status_of(other, post("/", 1000) + std::string(1000, 'x')), "HTTP/1.1 200");
  holds.send("x");
  EXPECT_TRUE(holds.read_until("800 bytes").ends_with("800 bytes"));
}

TEST(server_admission, silent_connections_make_room) {
  const auto one = serve({.connections_max = 3});
  connections silent, probes;
  for (int i = 0; i < 3; ++i) {
    silent.push_back(std::make_unique<raw_connection>(one->port()));
  }
  for (const auto& next : silent) {
    probes.push_back(std::make_unique<raw_connection>(one->port()));
    EXPECT_EQ(status_of(*probes.back(), get("/open")), "HTTP/1.1 200");
    expect_closed(*next);
  }
  EXPECT_EQ(one->counts().connections_refused, 0u);
  EXPECT_EQ(one->counts().connections_displaced, 3u);
}

TEST(server_admission, silent_connections_of_an_address_make_room_for_it) {
  const auto one = serve({.connections_max = 10, .connections_per_address_max = 2});
  raw_connection other(one->port(), "127.0.0.2");
  raw_connection first(one->port()), second(one->port());
  raw_connection third(one->port());
  EXPECT_EQ(status_of(third, get("/")), "HTTP/1.1 200");
  expect_closed(first);
  EXPECT_EQ(status_of(other, get("/")), "HTTP/1.1 200");
}

TEST(server_admission, who_was_known_or_asked_last_stays_longest) {
  const auto one = serve({.connections_max = 3});
  raw_connection known(one->port()), silent(one->port()), asked(one->port());
  EXPECT_EQ(status_of(known, get("/")), "HTTP/1.1 200");
  EXPECT_EQ(status_of(asked, get("/open")), "HTTP/1.1 200");
  raw_connection fourth(one->port());
  EXPECT_EQ(status_of(fourth, get("/")), "HTTP/1.1 200");
  expect_closed(silent);
  raw_connection fifth(one->port());
  EXPECT_EQ(status_of(fifth, get("/")), "HTTP/1.1 200");
  expect_closed(asked);
  raw_connection sixth(one->port());
  EXPECT_EQ(status_of(sixth, ""), "HTTP/1.1 503"); // all are known
  EXPECT_EQ(status_of(known, get("/")), "HTTP/1.1 200");
}

TEST(server_admission, one_that_sends_half_a_request_makes_room_too) {
  const auto one = serve({.connections_max = 2});
  raw_connection head(one->port()), answered(one->port());
  head.send("GET / HTTP/1.1\r\nX-Slow: ");
  EXPECT_EQ(status_of(answered, get("/closed")), "HTTP/1.1 401");
  raw_connection third(one->port());
  EXPECT_EQ(status_of(third, get("/")), "HTTP/1.1 200");
  expect_closed(head);
}

TEST(server_reading, empty_lines_before_a_request_are_passed_over) {
  const auto one = serve();
  for (const char* lines : {"\r\n", "\n", "\r\n\r\n\n", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"}) {
    raw_connection raw(one->port());
    EXPECT_EQ(status_of(raw, lines + get("/")), "HTTP/1.1 200") << lines;
    EXPECT_EQ(status_of(raw, lines + get("/")), "HTTP/1.1 200");
  }
  raw_connection pipelined(one->port());
  pipelined.send(get("/") + "\r\n" + post("/", 1) + "x\r\n" + get("/"));
  pipelined.read_until("0 bytes");
  pipelined.read_until("1 bytes");
  EXPECT_TRUE(pipelined.read_until("0 bytes").ends_with("0 bytes"));
}

TEST(server_reading, an_empty_line_may_come_in_pieces) {
  const auto one = serve();
  raw_connection raw(one->port());
  for (const char byte : "\r\n" + get("/")) {
    ASSERT_TRUE(raw.send(std::string(1, byte)));
  }
  EXPECT_EQ(status_of(raw, ""), "HTTP/1.1 200");
}

TEST(server_reading, empty_lines_without_end_are_no_request) {
  const auto one = serve();
  for (const char* piece : {"\r\n", "\n", "\r"}) {
    raw_connection raw(one->port());
    std::string lines;
    for (int i = 0; i < 10; ++i) {
      lines += piece;
    }
    EXPECT_EQ(status_of(raw, lines + get("/")), "HTTP/1.1 400");
  }
}

TEST(server_reading, trailers_are_no_headers) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
           "2\r\nok\r\n0\r\nX: from-a-trailer\r\n\r\n");
  EXPECT_TRUE(raw.read_until("2 bytes, X is none").ends_with("2 bytes, X is none"));
  EXPECT_EQ(status_of(raw, get("/")), "HTTP/1.1 200");
}

TEST(server_reading, trailers_and_extensions_of_chunks_are_bounded) {
  const auto one = serve();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& endless :
       {"2;x=" + std::string(1u << 20, 'y'), "0\r\nX: " + std::string(1u << 20, 'y')}) {
    raw_connection raw(one->port());
    raw.send(head + endless);
    EXPECT_EQ(status_of(raw, ""), "HTTP/1.1 431");
  }
}

TEST(server_reading, what_is_unreadable_behind_a_head_request_gets_its_body) {
  const auto one = serve();
  raw_connection raw(one->port());
  EXPECT_EQ(raw.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), true);
  EXPECT_TRUE(raw.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  raw.send("garbage\r\n\r\n");
  raw.end_sending();
  const auto answer = raw.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_TRUE(answer.ends_with("}}\n")) << answer;
}

TEST(server_reading, a_head_request_that_is_refused_gets_no_body) {
  const auto one = serve();
  for (const auto& bytes :
       {"HEAD / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
        std::string("HEAD /%zz HTTP/1.1\r\n\r\n"), std::string("HEAD / HTTP/1.1\r\n:\r\n\r\n")}) {
    raw_connection raw(one->port());
    raw.send(bytes);
    raw.end_sending();
    const auto answer = raw.read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
  }
}

TEST(server_reading, an_old_request_that_is_unreadable_leaves_no_trace_on_the_next_answer) {
  const auto one = serve();
  raw_connection raw(one->port());
  EXPECT_EQ(status_of(raw, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), "HTTP/1.1 200");
  EXPECT_EQ(status_of(raw, get("/")), "HTTP/1.1 200");
}

} // namespace
} // namespace tocsin::http::server_admission_test
