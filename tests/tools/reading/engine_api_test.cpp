#include "tools/reading/engine_api.hpp"

#include "tests/actors/http/scripted_server.hpp"
#include "tools/reading/event_follower.hpp"
#include "tools/reading/incident_pages.hpp"
#include "tools/reading/json_writer.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace tocsin::engine_api_test {
namespace {

using http::scripted_server;

std::string answer(int status, const std::string& body) {
  return fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", status, body.size(), body);
}

std::string refusal(int status, const char* code) {
  return answer(status, fmt::format(R"({{"error":{{"code":"{}","message":"so it is"}}}})", code));
}

std::string stream_of(const std::string& events) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + events;
}

std::unique_ptr<engine_api> open(const std::string& url) {
  auto api = engine_api::open({.url = url});
  EXPECT_TRUE(api);
  return std::move(*api);
}

TEST(api_path, encodes_what_stands_in_parameters) {
  EXPECT_EQ("/x?a=b%20%26%2F%C3%A4&c=",
            api_path("/x").with("a", "b &/\xC3\xA4").with("c", "").text());
}

TEST(engine_api, says_what_to_do_about_a_refusal) {
  const auto said = [](unsigned status, const char* code) {
    const auto body = fmt::format(R"({{"error":{{"code":"{}","message":"m"}}}})", code);
    return describe_refusal("http://h", status, body);
  };
  EXPECT_NE(said(401, "token-missing").find("--token-file"), std::string::npos);
  EXPECT_NE(said(403, "token-lacks-right").find("--token-file"), std::string::npos);
  EXPECT_NE(said(503, "not-evaluating").find("ask the engine that evaluates"), std::string::npos);
  EXPECT_NE(said(503, "redis-away").find("try again"), std::string::npos);
  EXPECT_EQ("http://h answers 400: m", said(400, "bad-parameter"));
  EXPECT_NE(describe_refusal("http://h", 404, "<html>").find("is --to the engine's address?"),
            std::string::npos);
}

TEST(engine_api, refuses_urls_that_paths_cannot_follow) {
  for (const auto* url : {"h", "ftp://h", "http://h/?a=b", "http://h/#a"})
    EXPECT_FALSE(engine_api::open({.url = url})) << url;
}

TEST(engine_api, asks_a_busy_engine_again) {
  scripted_server server({{refusal(503, "busy"), refusal(503, "busy"), answer(200, R"({"a":1})")}});
  const auto got = open(server.url())->get(api_path("/x"));
  ASSERT_TRUE(got) << got.failure().message;
  EXPECT_EQ(R"({"a":1})", write_json(got->root()));
  EXPECT_EQ(3, server.requests());
}

TEST(engine_api, takes_no_half_answer_and_no_other_server) {
  scripted_server server(
      {{"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"a\":1}"}, {answer(200, "<html>")}});
  const auto api = open(server.url());
  const auto half = api->get(api_path("/x"));
  ASSERT_FALSE(half);
  EXPECT_NE(half.failure().message.find("was cut off"), std::string::npos);
  const auto other = api->get(api_path("/x"));
  ASSERT_FALSE(other);
  EXPECT_NE(other.failure().message.find("no JSON"), std::string::npos);
}

struct followed {
  std::string seen, said;
  int waits = 0;
  status end = done{};
};

followed follow(const std::string& url, std::string after, const std::string& last) {
  followed out;
  const auto api = open(url);
  event_follower follower(*api, std::move(after),
                          {[&](const server_event& e) {
                             out.seen += e.data.empty() ? "" : e.data + " ";
                             return e.data != last;
                           },
                           [&](const std::string& text) { out.said += text + "\n"; },
                           [&](std::int64_t) { return ++out.waits < 10; }});
  out.end = follower.run();
  return out;
}

TEST(event_follower, goes_on_over_connections_that_break_off) {
  scripted_server server({{stream_of("id: 1-0\n\nid: 1-1\ndata: a\n\nid: 1-2\ndata: ha")},
                          {refusal(503, "starting")},
                          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nid: 1-1\n\r\n"
                           "13\r\n\nid: 1-2\ndata: b\n\n\r\n0\r\n\r\n"},
                          {stream_of("id: 1-3\ndata: c\n\n")}});
  const auto got = follow(server.url(), "1-0", "c");
  EXPECT_TRUE(got.end);
  EXPECT_EQ("a b c ", got.seen);
  EXPECT_EQ(4, server.connections());
  EXPECT_NE(got.said.find("the connection is lost, and tried again"), std::string::npos);
  EXPECT_NE(got.said.find("going on behind event 1-1"), std::string::npos);
}

TEST(event_follower, ends_where_it_cannot_begin_or_may_no_longer) {
  scripted_server never({{refusal(503, "too-many-clients")}});
  EXPECT_FALSE(follow(never.url(), "", "x").end);
  scripted_server taken({{stream_of("id: 1-0\n\n")}, {refusal(401, "token-wrong")}});
  const auto got = follow(taken.url(), "", "x");
  ASSERT_FALSE(got.end);
  EXPECT_NE(got.end.failure().message.find("--token-file"), std::string::npos);
  EXPECT_EQ(1, got.waits);
}

TEST(event_follower, waits_longer_each_time_until_a_connection_stands) {
  reconnect_wait wait;
  EXPECT_EQ(500, wait.next_ms());
  EXPECT_EQ(1'000, wait.next_ms());
  for (int i = 0; i < 10; ++i)
    EXPECT_LE(wait.next_ms(), reconnect_wait::longest_ms);
  EXPECT_EQ(reconnect_wait::longest_ms, wait.next_ms());
  wait.stood();
  EXPECT_EQ(500, wait.next_ms());
}

TEST(incident_pages, are_read_to_the_last_and_filtered) {
  const auto incident = [](const char* id, const char* host) {
    return fmt::format(R"({{"id":"{}","ruleName":"r","hostName":"{}",)"
                       R"("startTime":"2023-11-14T22:14:10.000Z","triggerValue":1}})",
                       id, host);
  };
  const auto page = [](const std::string& incidents, const char* next) {
    return answer(200, fmt::format(R"({{"incidents":[{}],"next":{}}})", incidents, next));
  };
  scripted_server server({{page(incident("1", "web-1") + "," + incident("2", "db"), R"("c1")"),
                           page("", R"("c2")"), page(incident("3", "web-2"), "null")}});
  const auto api = open(server.url());
  const auto filter = incident_filter::read({}, {"web-*"}, {});
  std::string found;
  EXPECT_TRUE(each_incident(*api, incident_list::open_oldest_first, *filter, 2,
                            [&](const json_node&, const told_event& told) {
                              found += told.event.id;
                              return true;
                            }));
  EXPECT_EQ("13", found);
  EXPECT_EQ(3, server.requests());
}

TEST(incident_pages, are_not_read_in_circles) {
  const auto page = answer(200, R"({"incidents":[],"next":"c"})");
  scripted_server server({{page, page, page}});
  EXPECT_FALSE(each_incident(*open(server.url()), incident_list::open_oldest_first, {}, 2,
                             [](const json_node&, const told_event&) { return true; }));
}

} // namespace
} // namespace tocsin::engine_api_test
