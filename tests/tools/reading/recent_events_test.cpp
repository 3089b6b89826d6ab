#include "tools/reading/recent_events.hpp"

#include "streams/rule/iso_time.hpp"
#include "tools/reading/json_writer.hpp"
#include "tools/reading/moment.hpp"

#include <gtest/gtest.h>

namespace tocsin::recent_events_test {
namespace {

told_event event(std::int64_t at_ms, bool opened, std::string rule, std::string host) {
  told_event out;
  out.event.opened = opened;
  out.event.id = rule + host;
  (opened ? out.event.start_time : out.event.end_time) = iso_time(at_ms);
  out.event.rule_name = std::move(rule);
  out.event.host_name = std::move(host);
  return out;
}

std::string texts(recent_events& events) {
  std::string out;
  for (const auto& e : events.take())
    out += (e.event.opened ? "+" : "-") + e.event.id + " ";
  return out;
}

TEST(recent_events, stand_in_the_order_of_the_stream) {
  rule_order rules;
  rules.add("z");
  rules.add("a");
  recent_events events(10, rules);
  events.add(event(2'000, true, "a", "1"));
  events.add(event(2'000, true, "z", "2"));
  events.add(event(2'000, true, "z", "1"));
  events.add(event(2'000, false, "a", "1"));
  events.add(event(2'000, false, "gone", "1"));
  events.add(event(1'000, true, "a", "9"));
  EXPECT_EQ("+a9 -gone1 -a1 +z1 +z2 +a1 ", texts(events));
}

TEST(recent_events, keep_the_newest_and_each_once) {
  const rule_order rules;
  recent_events events(3, rules);
  for (int again = 0; again < 2; ++again)
    for (int i = 0; i < 20; ++i)
      events.add(event(1'000 * ((7 * i) % 20), true, "r", std::to_string((7 * i) % 20)));
  EXPECT_EQ("+r17 +r18 +r19 ", texts(events));
}

TEST(told_event, is_made_of_an_incident_of_the_pages) {
  const auto page = json_document::read(
      R"({"id":"x","ruleName":"r","hostName":"h\u202e","startTime":"2023-11-14T22:14:10.000Z",)"
      R"("endTime":"2023-11-14T22:15:00.000Z","triggerValue":1.50,"reason":"recovered",)"
      R"("labels":{"b":"2","a":"1"}})");
  ASSERT_TRUE(page);
  const auto opened = opening_of(page->root());
  const auto resolved = end_of(page->root());
  ASSERT_TRUE(opened && resolved);
  EXPECT_EQ(R"({"event":"opened","id":"x","ruleName":"r","hostName":"h)"
            "\u202e"
            R"(","startTime":"2023-11-14T22:14:10.000Z","triggerValue":1.50,)"
            R"("labels":{"b":"2","a":"1"}})",
            opened->json);
  EXPECT_EQ((text_map{{"a", "1"}, {"b", "2"}}), opened->event.labels);
  EXPECT_EQ("recovered", resolved->event.reason);
  const auto again = read_told_event(resolved->json);
  ASSERT_TRUE(again);
  EXPECT_EQ(resolved->json, again->json);
  EXPECT_FALSE(again->event.opened);
  EXPECT_FALSE(read_told_event(R"({"event":"closed","id":"x"})"));
  EXPECT_FALSE(read_told_event("x"));
}

TEST(json_writer, writes_what_was_read) {
  const std::string text = R"({"a":[1,-2.50e3,null,true,false,"\n\"",{},[]],"":{"b":"ä"}})";
  const auto document = json_document::read(text);
  ASSERT_TRUE(document);
  EXPECT_EQ(text, write_json(document->root()));
  EXPECT_EQ(R"({"x":1})", write_object(document->root(), R"("x":1)", {"a", ""}));
}

TEST(read_moment, takes_milliseconds_and_iso_times) {
  EXPECT_EQ(1'700'000'000'000, read_moment("1700000000000"));
  EXPECT_EQ(1'700'000'000'000, read_moment("2023-11-14T22:13:20.000Z"));
  EXPECT_EQ(1'700'000'000'000, read_moment("2023-11-14T22:13:20Z"));
  for (const auto* wrong : {"", "now", "-1", "2023-11-14", "2023-11-14T22:13:20",
                            "9000000000000000", "2023-02-30T00:00:00Z"})
    EXPECT_EQ(std::nullopt, read_moment(wrong)) << wrong;
}

} // namespace
} // namespace tocsin::recent_events_test
