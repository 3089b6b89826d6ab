#include "actors/sinks/body_values.hpp"

#include "config/body_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tocsin::body_values_test {
namespace {

const body_surroundings around{"eu", "https://t.example.com"};

redis::stream_event event(bool opened) {
  redis::stream_event e;
  e.opened = opened;
  e.id = "AbC";
  e.rule_name = "High \"CPU\"";
  e.host_name = "web-1";
  e.start_time = "2023-11-14T22:13:20.000Z";
  e.end_time = opened ? "" : "2023-11-14T22:15:20.000Z";
  e.trigger_value = "91.53333333333333";
  e.reason = opened ? "" : "recovered";
  e.field = "cpu.usage";
  e.threshold = "80";
  e.timeframe = "120000";
  e.labels = {{"severity", "page"}};
  e.annotations = {{"summary", "too hot"}};
  return e;
}

body_template body(std::string_view text) {
  const auto document = json_document::read(fmt::format(R"(["{}"])", text));
  problem_list problems;
  auto out = read_body(json_cursor(*document, "c.json").child(0), problems);
  EXPECT_EQ(problems.size(), 0U);
  return out;
}

std::string filled(std::string_view text, const redis::stream_event& e) {
  return fill_body(body(text), e, around);
}

TEST(body_values, are_shown_as_people_read_them) {
  EXPECT_EQ(filled("{{ruleName}}|{{hostName}}|{{triggerValue}}|{{triggerValue.raw}}|{{field}}|"
                   "{{threshold}}|{{timeframe}}",
                   event(true)),
            "High \"CPU\"|web-1|91.5333|91.53333333333333|cpu.usage|80|2 minutes");
}

TEST(body_values, say_what_happened_and_where_it_is_seen) {
  constexpr std::string_view all = "{{event}}|{{reason}}|{{id}}|{{startTime}}|{{endTime}}|{{link}}|"
                                   "{{cluster}}|{{test}}";
  EXPECT_EQ(filled(all, event(true)), "opened||AbC|2023-11-14T22:13:20.000Z||"
                                      "https://t.example.com/incidents/AbC|eu|");
  auto resolved = event(false);
  resolved.test = true;
  EXPECT_EQ(filled(all, resolved),
            "resolved|recovered|AbC|2023-11-14T22:13:20.000Z|2023-11-14T22:15:20.000Z|"
            "https://t.example.com/incidents/AbC|eu|test");
  EXPECT_EQ(fill_body(body("{{link}}"), event(true), {"eu", ""}), "");
}

TEST(body_values, labels_and_annotations_that_are_missing_are_empty) {
  EXPECT_EQ(filled("{{labels.severity}}|{{labels.team}}|{{annotations.summary}}|{{annotations.x}}",
                   event(true)),
            "page||too hot|");
}

TEST(body_values, what_somebody_else_wrote_into_the_stream_stays_as_it_is) {
  auto e = event(true);
  e.trigger_value = "hot";
  e.threshold = "";
  e.timeframe = "-1";
  EXPECT_EQ(filled("{{triggerValue}}|{{threshold}}|{{timeframe}}", e), "hot||-1");
}

TEST(body_values, the_watchdog_has_a_name_and_a_cluster_and_nothing_else) {
  EXPECT_EQ(
      fill_watchdog_body(body("{{event}}|{{cluster}}|{{link}}|{{ruleName}}{{labels.x}}"), around),
      "watchdog|eu|https://t.example.com|");
}

} // namespace
} // namespace tocsin::body_values_test
