#include "streams/rule/annotation_writer.hpp"

#include "config/duration.hpp"
#include "config/json_text.hpp"
#include "config/number_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace tocsin {

namespace {

// What a rule decides; none where the event does.
std::optional<std::string> value_of(const rule& r, annotation_value v) {
  switch (v) {
  case annotation_value::rule_name:
    return r.name;
  case annotation_value::field:
    return r.field;
  case annotation_value::threshold:
    return number_for_people(r.threshold);
  case annotation_value::timeframe:
    return describe_duration(r.timeframe_ms);
  case annotation_value::none:
    return "";
  case annotation_value::host_name:
  case annotation_value::trigger_value:
  case annotation_value::trigger_value_raw:
    break;
  }
  return std::nullopt;
}

void cut(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end; // not within a character
  text.resize(end);
  text += "…";
}

} // namespace

annotation_writer::pieces annotation_writer::read(const rule& r, std::string_view text) {
  pieces out;
  std::string before;
  for (auto& [piece, value] : read_annotation(text).pieces) {
    before += piece;
    if (const auto known = value_of(r, value)) {
      before += *known;
    } else {
      out.push_back({std::move(before), value});
      before.clear();
    }
  }
  out.push_back({std::move(before), annotation_value::none});
  return out;
}

void annotation_writer::take_rule(const rule& r) {
  annotations_.clear();
  threshold_ = r.threshold;
  for (const auto& [name, text] : r.annotations)
    annotations_.push_back(
        {fmt::format("{}{}:", annotations_.empty() ? '{' : ',', quote_json(name)), read(r, text)});
}

const std::string& annotation_writer::fill(std::string_view host, double trigger_value) {
  const auto for_people = number_for_people(trigger_value, threshold_);
  json_.clear();
  auto left = texts_bytes_max;
  for (const auto& a : annotations_) {
    text_.clear();
    for (const auto& [text, value] : a.text) {
      text_ += text;
      if (value == annotation_value::host_name)
        text_ += host;
      else if (value == annotation_value::trigger_value)
        text_ += for_people;
      else if (value == annotation_value::trigger_value_raw)
        text_ += write_number(trigger_value);
    }
    cut(text_, std::min(text_bytes_max, left));
    left -= std::min(left, text_.size());
    json_ += a.json_name;
    json_ += quote_json(text_);
  }
  json_ += '}';
  return json_;
}

} // namespace tocsin
