#include "actors/sinks/webhook_body.hpp"

#include "actors/sinks/alert_text.hpp"
#include "config/json_document.hpp"

#include <gtest/gtest.h>

namespace tocsin::webhook_body_test {
namespace {

redis::stream_event event(bool opened, const std::string& host = "node \"7\"") {
  redis::stream_entry entry = {{1'700'000'000'000, 5},
                               {{"event", opened ? "opened" : "resolved"},
                                {"id", "AbC-_1"},
                                {"ruleName", " High CPU "},
                                {"hostName", host},
                                {"startTime", "2023-11-14T22:13:20.000Z"},
                                {"triggerValue", "91.5"},
                                {"field", "cpu.usage"},
                                {"aggregation", "avg"},
                                {"operand", "equalOrMoreThan"},
                                {"threshold", "80"},
                                {"timeframe", "120000"},
                                {"labels", R"({"instance":"mine","severity":"page","team":""})"},
                                {"annotations", R"({"summary":"too hot"})"}}};
  if (!opened) {
    entry.fields.emplace_back("endTime", "2023-11-14T22:15:20.000Z");
    entry.fields.emplace_back("reason", "recovered");
  }
  return *redis::read_stream_event(entry);
}

TEST(webhook_body, incident_opened) {
  EXPECT_EQ(incident_body(event(true)),
            R"({"event":"opened","incident":{"id":"AbC-_1","ruleName":" High CPU ",)"
            R"("hostName":"node \"7\"","startTime":"2023-11-14T22:13:20.000Z",)"
            R"("triggerValue":91.5},"field":"cpu.usage","aggregation":"avg",)"
            R"("operand":"equalOrMoreThan","threshold":80,"timeframe":120000,)"
            R"("labels":{"instance":"mine","severity":"page","team":""},)"
            R"("annotations":{"summary":"too hot"}})");
}

TEST(webhook_body, incident_resolved) {
  const auto body = incident_body(event(false));
  EXPECT_NE(body.find(R"("endTime":"2023-11-14T22:15:20.000Z","triggerValue":91.5},)"
                      R"("reason":"recovered","field")"),
            std::string::npos)
      << body;
}

TEST(webhook_body, is_json_whatever_stands_in_the_stream) {
  const std::string odd[] = {"\xff\"\n", "1}", "nan"};
  auto e = event(true, odd[0]);
  e.id = odd[0];
  e.trigger_value = odd[1];
  e.threshold = odd[2];
  EXPECT_TRUE(json_document::read(incident_body(e)));
  EXPECT_TRUE(json_document::read(alertmanager_body({&e, 1}, "r", "")));
}

// Computed apart from this, by a program that gave the figures of Prometheus's own tests.
TEST(webhook_body, fingerprints_are_those_of_prometheus) {
  EXPECT_EQ(alert_fingerprint({}), "cbf29ce484222325");
  EXPECT_EQ(alert_fingerprint({{"alertname", "High CPU"}, {"instance", "node-7"}}),
            "3430235ce34ba7df");
}

TEST(webhook_body, alertmanager_has_what_its_receivers_read) {
  const redis::stream_event two[] = {event(true), event(true, "b")};
  const auto body = alertmanager_body(two, "pager", "https://t.example.com/x");
  EXPECT_EQ(
      body,
      R"({"receiver":"pager","status":"firing","alerts":[)"
      R"({"status":"firing","labels":{"alertname":" High CPU ","instance":"node \"7\"",)"
      R"("severity":"page"},"annotations":{"summary":"too hot"},)"
      R"("startsAt":"2023-11-14T22:13:20.000Z","endsAt":"0001-01-01T00:00:00Z",)"
      R"("generatorURL":"https://t.example.com/x/incidents/AbC-_1","fingerprint":")" +
          alert_fingerprint(alert_labels(two[0])) +
          R"("},{"status":"firing","labels":{"alertname":" High CPU ","instance":"b",)"
          R"("severity":"page"},"annotations":{"summary":"too hot"},)"
          R"("startsAt":"2023-11-14T22:13:20.000Z","endsAt":"0001-01-01T00:00:00Z",)"
          R"("generatorURL":"https://t.example.com/x/incidents/AbC-_1","fingerprint":")" +
          alert_fingerprint(alert_labels(two[1])) +
          R"("}],"groupLabels":{"alertname":" High CPU "},)"
          R"("commonLabels":{"alertname":" High CPU ","severity":"page"},)"
          R"("commonAnnotations":{"summary":"too hot"},"externalURL":"https://t.example.com/x",)"
          R"("version":"4","groupKey":"{}:{alertname=\" High CPU \"}","truncatedAlerts":0})");
}

TEST(webhook_body, alertmanager_resolved_has_an_end) {
  const auto e = event(false);
  const auto body = alertmanager_body({&e, 1}, "pager", "");
  EXPECT_NE(body.find(R"("status":"resolved","alerts":[{"status":"resolved")"), std::string::npos);
  EXPECT_NE(body.find(R"("endsAt":"2023-11-14T22:15:20.000Z","generatorURL":"",)"),
            std::string::npos);
}

TEST(webhook_body, a_group_is_neighbours_of_one_rule_and_status) {
  auto other = event(true);
  other.rule_name += other.host_name;
  const redis::stream_event all[] = {event(true), event(true, "b"), event(false), other};
  EXPECT_EQ(alertmanager_group(all), 2u);
  EXPECT_EQ(alertmanager_group(std::span(all).subspan(2)), 1u);
  EXPECT_EQ(alertmanager_group(std::span(all).subspan(3)), 1u);
}

} // namespace
} // namespace tocsin::webhook_body_test
