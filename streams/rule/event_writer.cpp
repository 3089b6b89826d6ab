#include "streams/rule/event_writer.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>

namespace tocsin {

void event_writer::time_text::set(std::int64_t to_ms) {
  if (ms == to_ms)
    return;
  ms = to_ms;
  text = iso_time(to_ms);
}

void event_writer::take_rule(const rule& r) {
  about_ = &r;
  id_base_.clear();
  append_with_length(id_base_, cluster_);
  append_with_length(id_base_, r.name);
  threshold_ = write_number(r.threshold);
  timeframe_ = std::to_string(r.timeframe_ms);
  json_name_ = quote_json(r.name);
  json_tail_ = fmt::format(
      R"(,"field":{},"aggregation":"{}","operand":"{}","threshold":{},"timeframe":{})",
      quote_json(r.field), name_of(r.aggregate), name_of(r.compare), threshold_, timeframe_);
  labels_ = r.labels.empty() ? "" : write_texts(r.labels);
  if (!labels_.empty())
    json_tail_ += fmt::format(R"(,"labels":{})", labels_);
  annotation_writer_.take_rule(r);
}

void event_writer::take(const event_view& e, std::uint64_t seq) {
  if (e.about != about_)
    take_rule(*e.about);
  event_ = e;
  start_.set(e.start_ms);
  if (!e.opened)
    end_.set(e.end_ms);
  id_text_ = id_base_;
  append_with_length(id_text_, e.host);
  append_with_length(id_text_, start_.text);
  id_ = short_digest(id_text_);
  const fmt::format_int digits(seq);
  seq_.assign(digits.data(), digits.size());
  value_ = write_number(e.trigger_value);
  annotations_ = e.annotations;
  if (annotations_.empty() && annotation_writer_.any())
    annotations_ = annotation_writer_.fill(e.host, e.trigger_value);
  write_fields();
}

void event_writer::write_fields() {
  const auto& r = *about_;
  field_count_ = 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    fields_[field_count_++] = name;
    fields_[field_count_++] = value;
  };
  add("v", "1");
  add("event", event_.opened ? "opened" : "resolved");
  add("seq", seq_);
  add("id", id());
  add("ruleName", r.name);
  add("hostName", event_.host);
  add("startTime", start_.text);
  if (!event_.opened)
    add("endTime", end_.text);
  add("triggerValue", value_);
  if (!event_.opened)
    add("reason", to_string(event_.reason));
  add("field", r.field);
  add("aggregation", name_of(r.aggregate));
  add("operand", name_of(r.compare));
  add("threshold", threshold_);
  add("timeframe", timeframe_);
  if (!labels_.empty())
    add("labels", labels_);
  if (!annotations_.empty())
    add("annotations", annotations_);
}

const std::string& event_writer::open_json() {
  json_ = R"({"id":")";
  json_ += id();
  json_ += R"(","ruleName":)";
  json_ += json_name_;
  json_ += R"(,"hostName":)";
  json_ += quote_json(event_.host);
  json_ += R"(,"startTime":")";
  json_ += start_.text;
  json_ += R"(","triggerValue":)";
  json_ += value_;
  json_ += json_tail_;
  if (!annotations_.empty()) {
    json_ += R"(,"annotations":)";
    json_ += annotations_;
  }
  json_ += '}';
  return json_;
}

} // namespace tocsin
