#include "actors/sinks/body_values.hpp"

#include "actors/sinks/alert_text.hpp"
#include "config/duration.hpp"
#include "config/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tocsin {

namespace {

// None where somebody else wrote something else into the stream.
std::optional<double> number_of(const std::string& text) {
  double out = 0;
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(out) : std::nullopt;
}

std::string trigger_value_of(const redis::stream_event& e) {
  const auto value = number_of(e.trigger_value), beside = number_of(e.threshold);
  if (!value)
    return e.trigger_value;
  return beside ? number_for_people(*value, *beside) : number_for_people(*value);
}

std::string threshold_of(const redis::stream_event& e) {
  const auto value = number_of(e.threshold);
  return value ? number_for_people(*value) : e.threshold;
}

std::string timeframe_of(const redis::stream_event& e) {
  constexpr double longest_ms = 1e15;
  const auto ms = number_of(e.timeframe);
  return ms && *ms >= 0 && *ms < longest_ms ? describe_duration(static_cast<std::int64_t>(*ms))
                                            : e.timeframe;
}

std::string text_named(const text_map& texts, const std::string& name) {
  const auto hit =
      std::find_if(texts.begin(), texts.end(), [&](const auto& t) { return t.first == name; });
  return hit == texts.end() ? "" : hit->second;
}

std::string value_of(const body_template::piece& p, const redis::stream_event& e,
                     const body_surroundings& around) {
  switch (p.value) {
  case body_value::rule_name:
    return e.rule_name;
  case body_value::host_name:
    return e.host_name;
  case body_value::trigger_value:
    return trigger_value_of(e);
  case body_value::trigger_value_raw:
    return e.trigger_value;
  case body_value::field:
    return e.field;
  case body_value::threshold:
    return threshold_of(e);
  case body_value::timeframe:
    return timeframe_of(e);
  case body_value::event:
    return e.opened ? "opened" : "resolved";
  case body_value::reason:
    return e.reason;
  case body_value::link:
    return incident_url(around.external_url, e.id);
  case body_value::id:
    return e.id;
  case body_value::start_time:
    return e.start_time;
  case body_value::end_time:
    return e.end_time;
  case body_value::cluster:
    return around.cluster;
  case body_value::test:
    return e.test ? "test" : "";
  case body_value::label:
    return text_named(e.labels, p.name);
  case body_value::annotation:
    return text_named(e.annotations, p.name);
  case body_value::none:
    break;
  }
  return "";
}

} // namespace

std::string fill_body(const body_template& body, const redis::stream_event& e,
                      const body_surroundings& around) {
  return body.fill([&](const auto& piece) { return value_of(piece, e, around); });
}

std::string fill_watchdog_body(const body_template& body, const body_surroundings& around) {
  return body.fill([&](const body_template::piece& piece) -> std::string {
    switch (piece.value) {
    case body_value::event:
      return "watchdog";
    case body_value::cluster:
      return around.cluster;
    case body_value::link:
      return around.external_url;
    default:
      return "";
    }
  });
}

} // namespace tocsin
