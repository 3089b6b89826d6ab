#include "streams/redis/stream_event.hpp"

#include "config/json_document.hpp"
#include "config/json_text.hpp"
#include "config/text_map_reader.hpp"
#include "streams/redis/incident_stream.hpp"

#include <fmt/format.h>

namespace tocsin::redis {

namespace {

text_map read_texts(const std::string& json) {
  const auto document = json_document::read(json);
  return document ? texts_of(document->root()) : text_map{};
}

} // namespace

std::optional<stream_event> read_stream_event(const stream_entry& entry) {
  const auto text = [&](std::string_view name) { return field_of(entry, name); };
  stream_event e;
  e.at = entry.id;
  const auto what = text("event");
  e.opened = what == "opened";
  e.id = text("id");
  if ((!e.opened && what != "resolved") || e.id.empty())
    return std::nullopt;
  e.rule_name = text("ruleName");
  e.host_name = text("hostName");
  e.start_time = text("startTime");
  e.end_time = text("endTime");
  e.trigger_value = text("triggerValue");
  e.reason = text("reason");
  e.field = text("field");
  e.aggregation = text("aggregation");
  e.operand = text("operand");
  e.threshold = text("threshold");
  e.timeframe = text("timeframe");
  e.labels = read_texts(text("labels"));
  e.annotations = read_texts(text("annotations"));
  return e;
}

std::optional<stream_event> read_open_event(std::string_view json) {
  const auto document = json_document::read(json);
  if (!document)
    return std::nullopt;
  const auto text = [&](std::string_view key) { // of a number: as written
    const auto* member = document->root().find(key);
    return member ? member->value.text : std::string();
  };
  const auto texts = [&](std::string_view key) {
    const auto* member = document->root().find(key);
    return member ? texts_of(member->value) : text_map{};
  };
  stream_event e;
  e.id = text("id");
  e.rule_name = text("ruleName");
  e.host_name = text("hostName");
  e.start_time = text("startTime");
  e.trigger_value = text("triggerValue");
  e.field = text("field");
  e.aggregation = text("aggregation");
  e.operand = text("operand");
  e.threshold = text("threshold");
  e.timeframe = text("timeframe");
  e.labels = texts("labels");
  e.annotations = texts("annotations");
  return e.id.empty() || e.start_time.empty() ? std::nullopt : std::optional(std::move(e));
}

std::string_view number_json(std::string_view text) {
  const auto digits = [&](std::size_t& at) {
    const auto begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9')
      ++at;
    return at - begin;
  };
  const auto has = [&](std::size_t at, std::string_view any) {
    return at < text.size() && any.find(text[at]) != std::string_view::npos;
  };
  std::size_t at = has(0, "-") ? 1 : 0;
  const bool zero = has(at, "0");
  const auto whole = digits(at);
  bool good = whole == 1 || (whole > 1 && !zero);
  if (good && has(at, "."))
    good = digits(++at) > 0;
  if (good && has(at, "eE")) {
    at += has(at + 1, "+-") ? 2 : 1;
    good = digits(at) > 0;
  }
  return good && at == text.size() ? text : "null";
}

std::string incident_object_json(const stream_event& e) {
  auto out =
      fmt::format(R"({{"id":{},"ruleName":{},"hostName":{},"startTime":{})", quote_json(e.id),
                  quote_json(e.rule_name), quote_json(e.host_name), quote_json(e.start_time));
  if (!e.opened)
    out += fmt::format(R"(,"endTime":{})", quote_json(e.end_time));
  return out + fmt::format(R"(,"triggerValue":{}{}}})", number_json(e.trigger_value),
                           e.test ? R"(,"test":true)" : "");
}

} // namespace tocsin::redis
