#include "actors/http/answer_stream.hpp"

#include "actors/http/server.hpp"
#include "tests/actors/http/raw_connection.hpp"

#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace tocsin::http::answer_stream_test {
namespace {

using namespace std::chrono_literals;

bool soon(const std::function<bool()>& is_so) {
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (!is_so() && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  return is_so();
}

TEST(answer_stream, takes_what_fits_and_nothing_else) {
  auto [writer, reader] = make_stream(8);
  EXPECT_TRUE(writer.push("12345"));
  EXPECT_EQ(writer.room(), 3u);
  EXPECT_FALSE(writer.push("6789"));
  EXPECT_EQ(reader->take(), "12345");
  EXPECT_EQ(writer.room(), 3u); // on its way
  EXPECT_EQ(reader->take(), "");
  EXPECT_EQ(writer.room(), 8u);
}

TEST(answer_stream, wakes_once_until_it_is_looked_at) {
  auto [writer, reader] = make_stream(8);
  int woken = 0;
  writer.push("a");
  reader->on_news([&] { ++woken; });
  writer.push("b");
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(reader->take(), "ab");
  writer.push("c");
  EXPECT_EQ(woken, 2);
}

TEST(answer_stream, ends_for_the_reader_when_all_was_taken) {
  auto [writer, reader] = make_stream(8);
  writer.push("a");
  { const stream_writer gone = std::move(writer); }
  EXPECT_FALSE(reader->ended());
  reader->take();
  EXPECT_TRUE(reader->ended());
}

TEST(answer_stream, is_over_for_the_writer_when_the_reader_is_gone) {
  auto [writer, reader] = make_stream(8);
  reader.reset();
  EXPECT_TRUE(writer.over());
  EXPECT_FALSE(writer.too_slow());
  EXPECT_FALSE(writer.push("a"));
  EXPECT_EQ(writer.room(), 0u);
}

/// A server whose every answer goes on; the test writes it.
class streaming_server : public testing::Test {
protected:
  static constexpr std::size_t bytes_max = 256u << 10;

  std::unique_ptr<server> serve(server_options options = {}) {
    options.listen = {"127.0.0.1", 0};
    auto started = server::listen(std::move(options), [this](request what, responder answer) {
      auto [writer, reader] = make_stream(bytes_max);
      {
        const std::lock_guard lock(mutex_);
        writers_.emplace(what.path, std::move(writer));
      }
      answer.send(response{.content_type = "text/event-stream", .stream = std::move(reader)});
    });
    EXPECT_TRUE(started);
    return std::move(*started);
  }

  static std::string get(const std::string& path, const char* version = "1.1") {
    return fmt::format("GET {} HTTP/{}\r\nHost: x\r\n\r\n", path, version);
  }
  stream_writer& writer(const std::string& path) {
    EXPECT_TRUE(soon([&] {
      const std::lock_guard lock(mutex_);
      return writers_.contains(path);
    }));
    const std::lock_guard lock(mutex_);
    return writers_[path];
  }

  std::mutex mutex_;
  std::map<std::string, stream_writer> writers_;
};

TEST_F(streaming_server, sends_pieces_as_chunks_as_they_come) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send(get("/a"));
  const auto head = raw.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("Content-Length"), std::string::npos) << head;
  EXPECT_TRUE(writer("/a").push("first"));
  EXPECT_EQ(raw.read_until("first\r\n"), "5\r\nfirst\r\n");
  EXPECT_TRUE(writer("/a").push(std::string(300, 'x')));
  EXPECT_EQ(raw.read_until("x\r\n"), "12c\r\n" + std::string(300, 'x') + "\r\n");
  writer("/a").end();
  EXPECT_EQ(raw.read_to_end(), "0\r\n\r\n");
  EXPECT_FALSE(raw.was_reset());
}

TEST_F(streaming_server, sends_an_http_1_0_client_bytes_up_to_the_end) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send(get("/a", "1.0"));
  const auto head = raw.read_until("\r\n\r\n");
  EXPECT_EQ(head.find("chunked"), std::string::npos) << head;
  writer("/a").push("all");
  writer("/a").end();
  EXPECT_EQ(raw.read_to_end(), "all");
}

TEST_F(streaming_server, sends_what_was_pushed_before_it_began) {
  const auto one = serve();
  {
    const std::lock_guard lock(mutex_);
    writers_.clear();
  }
  raw_connection raw(one->port());
  raw.send(get("/a"));
  writer("/a").push("early");
  writer("/a").end();
  EXPECT_TRUE(raw.read_to_end().ends_with("\r\n\r\n5\r\nearly\r\n0\r\n\r\n"));
}

TEST_F(streaming_server, answers_head_without_a_stream_and_goes_on) {
  const auto one = serve();
  raw_connection raw(one->port());
  raw.send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n" + get("/a"));
  EXPECT_NE(raw.read_until("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(soon([&] { return writer("/h").over(); }));
  raw.read_until("\r\n\r\n");
  writer("/a").push("second");
  EXPECT_EQ(raw.read_until("second\r\n"), "6\r\nsecond\r\n");
}

TEST_F(streaming_server, notices_a_client_that_went_away) {
  const auto one = serve();
  {
    raw_connection raw(one->port());
    raw.send(get("/a"));
    raw.read_until("\r\n\r\n");
    EXPECT_FALSE(writer("/a").over());
  }
  EXPECT_TRUE(soon([&] { return writer("/a").over() && one->counts().connections_open == 0; }));
  EXPECT_FALSE(writer("/a").too_slow());
}

TEST_F(streaming_server, lets_a_stream_rest_for_longer_than_connections_and_requests) {
  const auto one = serve({.idle_timeout = 40ms, .read_timeout = 40ms});
  std::optional<raw_connection> raw;
  const auto until = std::chrono::steady_clock::now() + 60s;
  do { // a machine that is busy may not send it within 40 ms
    raw.emplace(one->port());
    raw->send(get("/a"));
  } while (!raw->read_until("\r\n\r\n").starts_with("HTTP/1.1 200") &&
           std::chrono::steady_clock::now() < until);
  raw_connection idle(one->port()); // ends after 40 ms: then the stream has rested for that long
  idle.read_to_end();
  raw_connection idle_again(one->port());
  idle_again.read_to_end();
  EXPECT_TRUE(writer("/a").push("still here"));
  EXPECT_EQ(raw->read_until("here\r\n"), "a\r\nstill here\r\n");
}

TEST_F(streaming_server, gives_a_client_up_that_takes_nothing) {
  const auto one = serve({.read_timeout = 100ms});
  raw_connection raw(one->port());
  raw.send(get("/a"));
  raw.read_until("\r\n\r\n");
  const std::string much(64u << 10, 'x');
  EXPECT_TRUE(soon([&] { // what the system buffers, it takes
    writer("/a").push(much);
    return writer("/a").over();
  }));
  EXPECT_TRUE(writer("/a").too_slow());
}

TEST_F(streaming_server, counts_streams_among_the_connections_of_an_address) {
  const auto one = serve({.connections_max = 8, .connections_per_address_max = 2});
  raw_connection first(one->port());
  raw_connection second(one->port());
  first.send(get("/a"));
  second.send(get("/b"));
  first.read_until("\r\n\r\n");
  second.read_until("\r\n\r\n");
  raw_connection third(one->port());
  EXPECT_NE(third.read_to_end().find("429 Too Many"), std::string::npos);
}

TEST_F(streaming_server, ends_streams_promptly_when_it_stops) {
  const auto one = serve({.stop_timeout = 60'000ms});
  raw_connection raw(one->port());
  raw.send(get("/a"));
  raw.read_until("\r\n\r\n");
  raw_connection stuck(one->port());
  stuck.send(get("/b"));
  stuck.read_until("\r\n\r\n");
  const std::string much(64u << 10, 'x');
  while (writer("/b").room() >= much.size()) { // a full pipe
    writer("/b").push(much);
  }
  const auto began = std::chrono::steady_clock::now();
  one->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
  EXPECT_EQ(raw.read_to_end(), "0\r\n\r\n");
  EXPECT_TRUE(writer("/a").over());
  EXPECT_TRUE(writer("/b").over());
}

TEST_F(streaming_server, keeps_the_order_of_what_many_pushes_bring) {
  const auto one = serve({.threads = 2});
  raw_connection raw(one->port());
  raw.send(get("/a", "1.0"));
  raw.read_until("\r\n\r\n");
  std::string all;
  for (int i = 0; i < 20'000; ++i) {
    const auto piece = fmt::format("{};", i);
    while (!writer("/a").push(piece) && !writer("/a").over()) {
      std::this_thread::yield();
    }
    all += piece;
  }
  writer("/a").end();
  EXPECT_EQ(raw.read_to_end(), all);
}

} // namespace
} // namespace tocsin::http::answer_stream_test
