#include "streams/rule/incident.hpp"

#include <gtest/gtest.h>

namespace tocsin {
namespace {

incident_event make_event(bool opened) {
  incident_event e;
  e.opened = opened;
  e.about.name = " High \"CPU\" ";
  e.about.field = "cpu.usage";
  e.about.threshold = 60;
  e.about.timeframe_ms = 120'000;
  e.host = "node-1";
  e.start_ms = 1'700'000'130'000;
  e.end_ms = opened ? 0 : 1'700'000'450'000;
  e.trigger_value = 63.75;
  e.reason = resolution::recovered;
  e.id = incident_id("tocsin", e.about.name, e.host, e.start_ms);
  return e;
}

TEST(incident_id_test, is_the_same_as_in_the_published_cases) {
  EXPECT_EQ(incident_id("tocsin", "High number of errors", "node-1", 1'700'000'030'000),
            "nROV7YD8kggDo1hkvNkaAA");
  EXPECT_EQ(incident_id("tocsin", " High CPU Usage ", "node-1", 1'700'000'130'000),
            "0ofHtzhhARzyd8eyeetwnw");
}

TEST(incident_id_test, depends_on_where_one_part_ends_and_the_next_begins) {
  EXPECT_NE(incident_id("tocsin", "ab", "c", 0), incident_id("tocsin", "a", "bc", 0));
  EXPECT_NE(incident_id("one", "a", "b", 0), incident_id("two", "a", "b", 0));
}

TEST(iso_time_test, writes_times_as_javascript_does) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(1'700'000'030'001), "2023-11-14T22:13:50.001Z");
  EXPECT_EQ(iso_time(951'782'400'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(iso_time(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_time(253'402'300'800'000), "+010000-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(8'640'000'000'000'000), "+275760-09-13T00:00:00.000Z");
}

TEST(event_json_test, an_opened_event_has_no_end_and_no_reason) {
  const auto e = make_event(true);
  EXPECT_EQ(event_json(e),
            R"({"event":"opened","id":")" + e.id +
                R"(","ruleName":" High \"CPU\" ","hostName":"node-1",)"
                R"("startTime":"2023-11-14T22:15:30.000Z","triggerValue":63.75})");
}

TEST(event_json_test, a_resolved_event_says_when_and_why) {
  const auto json = event_json(make_event(false));
  EXPECT_NE(json.find(R"("endTime":"2023-11-14T22:20:50.000Z")"), std::string::npos);
  EXPECT_NE(json.find(R"("reason":"recovered"})"), std::string::npos);
}

TEST(event_fields_test, stand_in_the_documented_order) {
  const auto names = [](const std::vector<std::string>& fields) {
    std::string out;
    for (std::size_t i = 0; i < fields.size(); i += 2)
      out += fields[i] + " ";
    return out;
  };
  EXPECT_EQ(names(event_fields(make_event(true), 7)),
            "v event seq id ruleName hostName startTime triggerValue field aggregation operand "
            "threshold timeframe ");
  EXPECT_EQ(names(event_fields(make_event(false), 8)),
            "v event seq id ruleName hostName startTime endTime triggerValue reason field "
            "aggregation operand threshold timeframe ");
  EXPECT_EQ(event_fields(make_event(true), 7)[5], "7");
}

TEST(content_hash_test, is_sha_256_in_hexadecimal) {
  EXPECT_EQ(content_hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(resolution_test, every_reason_has_its_own_name) {
  EXPECT_EQ(to_string(resolution::recovered), "recovered");
  EXPECT_EQ(to_string(resolution::no_data), "no-data");
  EXPECT_EQ(to_string(resolution::rule_removed), "rule-removed");
  EXPECT_EQ(to_string(resolution::host_gone), "host-gone");
  EXPECT_EQ(to_string(resolution::host_expired), "host-expired");
}

} // namespace
} // namespace tocsin
