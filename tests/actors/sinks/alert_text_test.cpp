#include "actors/sinks/alert_text.hpp"

#include <gtest/gtest.h>

namespace tocsin::alert_text_test {

namespace {

redis::stream_event event(bool opened) {
  redis::stream_event e;
  e.opened = opened;
  e.id = "i-1_x";
  e.rule_name = " High \"CPU\" ";
  e.host_name = "h\n";
  e.start_time = "2023-11-14T22:13:20.000Z";
  e.end_time = opened ? "" : "2023-11-14T22:13:30.000Z";
  return e;
}

} // namespace

TEST(alert_text, rule_and_host_are_labels_that_no_other_overrides) {
  auto e = event(true);
  e.labels = {{"alertname", "x"}, {"empty", ""}, {"instance", "x"}, {"severity", "page"}};
  EXPECT_EQ(alert_labels(e),
            (text_map{{"alertname", " High \"CPU\" "}, {"instance", "h\n"}, {"severity", "page"}}));
}

TEST(alert_text, an_opened_event_lasts_for_a_while_and_a_resolved_one_until_its_end) {
  auto resolved = event(false);
  resolved.annotations = {{"summary", "ü"}};
  const std::vector events = {event(true), resolved};
  EXPECT_EQ(alerts_json(events, 1'700'000'240'000, "https://t"),
            R"([{"labels":{"alertname":" High \"CPU\" ","instance":"h\n"},"annotations":{},)"
            R"("startsAt":"2023-11-14T22:13:20.000Z","endsAt":"2023-11-14T22:17:20.000Z",)"
            R"("generatorURL":"https://t/incidents/i-1_x"},)"
            R"({"labels":{"alertname":" High \"CPU\" ","instance":"h\n"},)"
            R"("annotations":{"summary":"ü"},)"
            R"("startsAt":"2023-11-14T22:13:20.000Z","endsAt":"2023-11-14T22:13:30.000Z",)"
            R"("generatorURL":"https://t/incidents/i-1_x"}])");
  EXPECT_EQ(alerts_json({}, 0, ""), "[]");
}

} // namespace tocsin::alert_text_test
