#include "streams/rule/event_writer.hpp"

#include "config/json_document.hpp"
#include "tests/support/event_view.hpp"

#include <gtest/gtest.h>

namespace tocsin::incident_test {

namespace {

incident_event example() {
  incident_event e;
  e.id = "abc";
  e.about.name = " High \"CPU\" ";
  e.about.field = "cpu.usage";
  e.about.threshold = 60;
  e.about.timeframe_ms = 120'000;
  e.host = "h\xc3\xa4";
  e.start_ms = 1'700'000'000'000;
  e.end_ms = 1'700'000'010'000;
  e.trigger_value = 0.1;
  e.opened = false;
  e.reason = resolution::no_data;
  return e;
}

} // namespace

// As tests/conformance/cases has them.
TEST(incident_test, ids_are_those_that_were_published) {
  EXPECT_EQ(incident_id("tocsin", "cd 10s", "n", 1'700'000'010'000), "8E4n2ev1Gh5_HGWlirSgOQ");
  EXPECT_EQ(incident_id("tocsin", "High number of errors", "node-1", 1'700'000'030'000),
            "nROV7YD8kggDo1hkvNkaAA");
  EXPECT_EQ(incident_id("tocsin", "errors", "a", 1'700'000'040'000), "OWcIFCdPHQ1jnY-RAxK12A");
}

TEST(incident_test, ids_tell_apart_what_only_the_lengths_tell_apart) {
  EXPECT_NE(incident_id("t", "ab", "c", 0), incident_id("t", "a", "bc", 0));
  EXPECT_NE(incident_id("t", "a", "c", 0), incident_id("t", "a", "c", 1));
  EXPECT_EQ(incident_id("t", "a", "c", 0).size(), 22u);
}

TEST(incident_test, times_are_written_as_javascript_does) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(951'782'399'999), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(iso_time(951'782'400'000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(iso_time(4'107'542'400'000), "2100-03-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_time(253'402'300'800'000), "+010000-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(8'640'000'000'000'000), "+275760-09-13T00:00:00.000Z");
}

TEST(incident_test, an_event_is_one_json_object_with_its_keys_in_order) {
  auto e = example();
  EXPECT_EQ(event_json(e),
            "{\"event\":\"resolved\",\"id\":\"abc\",\"ruleName\":\" High \\\"CPU\\\" "
            "\",\"hostName\":\"h\xc3\xa4\","
            "\"startTime\":\"2023-11-14T22:13:20.000Z\",\"endTime\":\"2023-11-14T22:13:30.000Z\","
            "\"triggerValue\":0.1,\"reason\":\"no-data\"}");
  e.opened = true;
  const auto doc = json_document::read(event_json(e));
  ASSERT_TRUE(doc.ok());
  EXPECT_FALSE(doc->root().find("endTime") || doc->root().find("reason"));
}

TEST(incident_test, the_entry_of_the_stream_is_complete_in_itself) {
  const auto e = example();
  event_writer writer;
  writer.begin_tick("tocsin");
  writer.take(test::view_of(e), 42);
  const std::vector<std::string> fields(writer.fields().begin(), writer.fields().end());
  const std::vector<std::string> want = {"v",
                                         "1",
                                         "event",
                                         "resolved",
                                         "seq",
                                         "42",
                                         "id",
                                         incident_id("tocsin", e.about.name, e.host, e.start_ms),
                                         "ruleName",
                                         " High \"CPU\" ",
                                         "hostName",
                                         "h\xc3\xa4",
                                         "startTime",
                                         "2023-11-14T22:13:20.000Z",
                                         "endTime",
                                         "2023-11-14T22:13:30.000Z",
                                         "triggerValue",
                                         "0.1",
                                         "reason",
                                         "no-data",
                                         "field",
                                         "cpu.usage",
                                         "aggregation",
                                         "avg",
                                         "operand",
                                         "equalOrMoreThan",
                                         "threshold",
                                         "60",
                                         "timeframe",
                                         "120000"};
  EXPECT_EQ(fields, want);
}

TEST(incident_test, labels_and_filled_annotations_are_the_last_fields_of_the_entry) {
  auto e = example();
  e.about.labels = {{"severity", "page"}, {"team", "a\"b"}};
  e.about.annotations = {
      {"all", "{{ruleName}}|{{hostName}}|{{triggerValue}}|{{field}}|{{threshold}}|{{timeframe}}"},
      {"wrong", "{{nobody}}"}};
  event_writer writer;
  writer.begin_tick("tocsin");
  writer.take(test::view_of(e), 42);
  const std::vector<std::string> fields(writer.fields().begin(), writer.fields().end());
  ASSERT_EQ(fields.size(), 34u);
  const std::vector<std::string> last(fields.end() - 6, fields.end());
  const std::string annotations =
      "{\"all\":\" High \\\"CPU\\\" |h\xc3\xa4|0.1|cpu.usage|60|2 minutes\","
      "\"wrong\":\"{{nobody: unknown}}\"}";
  EXPECT_EQ(last, (std::vector<std::string>{"timeframe", "120000", "labels",
                                            R"({"severity":"page","team":"a\"b"})", "annotations",
                                            annotations}));
  EXPECT_TRUE(writer.open_json().ends_with(
      R"(,"timeframe":120000,"labels":{"severity":"page","team":"a\"b"},"annotations":)" +
      annotations + "}"));
  // The next rule has none.
  const auto plain = example();
  writer.take(test::view_of(plain), 43);
  EXPECT_EQ(writer.fields().size(), 30u);
  EXPECT_TRUE(writer.open_json().ends_with(R"("timeframe":120000})"));
}

TEST(incident_test, annotations_that_were_filled_are_not_filled_again) {
  auto e = example();
  e.host = "{{field}}";
  e.about.annotations = {{"summary", "{{hostName}}"}};
  event_writer writer;
  writer.begin_tick("tocsin");
  writer.take(test::view_of(e), 1);
  EXPECT_EQ(writer.fields().back(), R"({"summary":"{{field}}"})");
  e.about.annotations.clear();
  e.annotations = R"({"summary":"{{field}}"})";
  writer.begin_tick("tocsin");
  writer.take(test::view_of(e), 1);
  EXPECT_EQ(writer.fields().back(), R"({"summary":"{{field}}"})");
  EXPECT_TRUE(
      event_json(e).ends_with(R"(,"reason":"no-data","annotations":{"summary":"{{field}}"}})"));
}

TEST(incident_test, annotations_have_six_digits_and_all_of_them_on_request) {
  rule r;
  r.threshold = 200.0 / 3;
  r.annotations = {{"a", "{{triggerValue}} {{triggerValue.raw}} {{threshold}}"}};
  annotation_writer writer;
  writer.take_rule(r);
  EXPECT_EQ(writer.fill("h", 72.83333333333333), R"({"a":"72.8333 72.83333333333333 66.6667"})");
  EXPECT_EQ(writer.fill("h", 66.6666666), R"({"a":"66.6666666 66.6666666 66.6667"})");
}

TEST(incident_test, a_filled_annotation_is_cut_between_two_characters) {
  rule r;
  r.annotations = {{"a", "x{{hostName}}"}};
  annotation_writer writer;
  writer.take_rule(r);
  std::string host;
  for (int i = 0; i < 1'000; ++i)
    host += "\xc3\xa4";
  const auto& json = writer.fill(host, 1);
  EXPECT_EQ(json, "{\"a\":\"x" + host.substr(0, 2 * 511) + "…\"}");
}

TEST(incident_test, all_filled_annotations_of_an_event_are_bounded) {
  rule r;
  for (char name = 'a'; name < 'g'; ++name)
    r.annotations.emplace_back(std::string(1, name), "{{hostName}}{{hostName}}{{hostName}}");
  annotation_writer writer;
  writer.take_rule(r);
  const std::string host(500, 'h'), cut(1'024, 'h');
  const auto& json = writer.fill(host, 1);
  EXPECT_TRUE(json.starts_with(R"({"a":")" + cut + R"(…","b":")" + cut + R"(…","c":)")) << json;
  EXPECT_TRUE(json.ends_with(R"("e":"…","f":"…"})")) << json;
  EXPECT_LT(json.size(), annotation_writer::texts_bytes_max + 100);
}

TEST(incident_test, reasons_have_the_names_of_the_semantics) {
  EXPECT_EQ(to_string(resolution::recovered), "recovered");
  EXPECT_EQ(to_string(resolution::no_data), "no-data");
  EXPECT_EQ(to_string(resolution::rule_removed), "rule-removed");
  EXPECT_EQ(to_string(resolution::host_gone), "host-gone");
  EXPECT_EQ(to_string(resolution::host_expired), "host-expired");
}

TEST(incident_test, content_is_named_by_its_sha_256) {
  EXPECT_EQ(content_hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

} // namespace tocsin::incident_test
