#include "tools/reading/told_event.hpp"

#include "config/json_text.hpp"
#include "config/number_text.hpp"
#include "config/rule_words.hpp"
#include "config/text_map_reader.hpp"
#include "streams/redis/stream_id.hpp"
#include "tools/reading/json_writer.hpp"

#include <charconv>
#include <fmt/format.h>

namespace tocsin {

namespace {

redis::stream_event event_of(const json_node& from, bool opened) {
  const auto text = [&](std::string_view key) { return text_of(from, key); };
  redis::stream_event e;
  e.opened = opened;
  e.id = text("id");
  e.rule_name = text("ruleName");
  e.host_name = text("hostName");
  e.start_time = text("startTime");
  if (!opened) {
    e.end_time = text("endTime");
    e.reason = text("reason");
  }
  e.trigger_value = text("triggerValue");
  e.field = text("field");
  e.aggregation = text("aggregation");
  e.operand = text("operand");
  e.threshold = text("threshold");
  e.timeframe = text("timeframe");
  e.labels = texts_of(member_of(from, "labels"));
  e.annotations = texts_of(member_of(from, "annotations"));
  return e;
}

bool is_whole(const redis::stream_event& e) {
  return !e.id.empty() && !(e.opened ? e.start_time : e.end_time).empty();
}

// A number of the stream beside the one it is compared with, as people read them. What is none
// stays as it is.
std::string number_text(const std::string& text, const std::string& beside) {
  const auto read = [](const std::string& digits) -> std::optional<double> {
    double value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, failure] = std::from_chars(digits.data(), end, value);
    return failure == std::errc{} && stop == end ? std::optional{value} : std::nullopt;
  };
  const auto value = read(text);
  return value ? number_for_people(*value, read(beside).value_or(*value)) : text;
}

} // namespace

std::optional<told_event> opening_of(const json_node& incident) {
  told_event out{event_of(incident, true), {}};
  if (!is_whole(out.event))
    return std::nullopt;
  out.json = write_object(incident, R"("event":"opened")", {"endTime", "reason"});
  return out;
}

std::optional<told_event> end_of(const json_node& incident) {
  told_event out{event_of(incident, false), {}};
  if (!is_whole(out.event))
    return std::nullopt;
  out.json = write_object(incident, R"("event":"resolved")");
  return out;
}

std::optional<told_event> read_told_event(std::string_view data) {
  const auto document = json_document::read(data);
  if (!document)
    return std::nullopt;
  const auto& what = text_of(document->root(), "event");
  told_event out{event_of(document->root(), what == "opened"), {}};
  if ((what != "opened" && what != "resolved") || !is_whole(out.event))
    return std::nullopt;
  out.json = write_json(document->root());
  return out;
}

std::string event_line(const redis::stream_event& e) {
  const auto timeframe = redis::parse_unsigned(e.timeframe).value_or(0);
  return fmt::format("{}  {:<8}  {}  {}  ({}; {} {}{})", e.opened ? e.start_time : e.end_time,
                     e.opened ? "opened" : "resolved", quote_for_people(e.host_name),
                     quote_for_people(e.rule_name),
                     rule_words(e.aggregation, e.field, static_cast<std::int64_t>(timeframe),
                                number_text(e.threshold, e.trigger_value), e.operand),
                     e.opened ? "value" : "opened with", number_text(e.trigger_value, e.threshold),
                     e.opened ? "" : ", " + e.reason);
}

std::string open_line(const redis::stream_event& e) {
  return fmt::format("{}  {}  {}  (opened with {})", e.start_time, quote_for_people(e.host_name),
                     quote_for_people(e.rule_name), number_text(e.trigger_value, e.threshold));
}

} // namespace tocsin
