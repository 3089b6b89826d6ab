#include "actors/sinks/webhook_body.hpp"

#include "actors/sinks/alert_text.hpp"
#include "config/json_text.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

namespace tocsin {

namespace {

// What Alertmanager writes where there is no such time.
constexpr std::string_view no_time = "0001-01-01T00:00:00Z";

text_map common(const text_map& a, const text_map& b) {
  text_map out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

std::string link_to(std::string_view external_url, const redis::stream_event& e) {
  return external_url.empty() ? std::string() : incident_url(external_url, e.id);
}

std::string_view status_of(const redis::stream_event& e) {
  return e.opened ? "firing" : "resolved";
}

std::string alert_json(const redis::stream_event& e, std::string_view external_url) {
  const auto labels = alert_labels(e);
  return fmt::format(R"({{"status":"{}","labels":{},"annotations":{},"startsAt":{},"endsAt":{},)"
                     R"("generatorURL":{},"fingerprint":"{}"}})",
                     status_of(e), write_texts(labels), write_texts(e.annotations),
                     quote_json(e.start_time), quote_json(e.opened ? no_time : e.end_time),
                     quote_json(link_to(external_url, e)), alert_fingerprint(labels));
}

} // namespace

// FNV-1a over names and values, each followed by a byte that is no UTF-8.
std::string alert_fingerprint(const text_map& labels) {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  const auto add = [&](std::string_view text) {
    for (const char c : text)
      hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
    hash = (hash ^ 0xFF) * 1'099'511'628'211u;
  };
  for (const auto& [name, text] : labels) {
    add(name);
    add(text);
  }
  return fmt::format("{:016x}", hash);
}

std::string incident_body(const redis::stream_event& e) {
  auto out = fmt::format(R"({{"event":"{}","incident":{})", e.opened ? "opened" : "resolved",
                         redis::incident_object_json(e));
  if (!e.opened)
    out += fmt::format(R"(,"reason":{})", quote_json(e.reason));
  return out + fmt::format(R"(,"field":{},"aggregation":{},"operand":{},"threshold":{},)"
                           R"("timeframe":{},"labels":{},"annotations":{}}})",
                           quote_json(e.field), quote_json(e.aggregation), quote_json(e.operand),
                           redis::number_json(e.threshold), redis::number_json(e.timeframe),
                           write_texts(e.labels), write_texts(e.annotations));
}

std::size_t alertmanager_group(std::span<const redis::stream_event> events) {
  std::size_t n = 0;
  while (n < events.size() && events[n].opened == events[0].opened &&
         events[n].rule_name == events[0].rule_name)
    ++n;
  return n;
}

std::string alertmanager_body(std::span<const redis::stream_event> events,
                              std::string_view receiver, std::string_view external_url) {
  const auto& first = events.front();
  auto labels = alert_labels(first), annotations = first.annotations;
  std::string alerts;
  for (const auto& e : events) {
    labels = common(labels, alert_labels(e));
    annotations = common(annotations, e.annotations);
    if (!alerts.empty())
      alerts += ',';
    alerts += alert_json(e, external_url);
  }
  const text_map group = {{"alertname", first.rule_name}};
  const auto group_key = fmt::format("{{}}:{{alertname={}}}", quote_json(first.rule_name));
  return fmt::format(R"({{"receiver":{},"status":"{}","alerts":[{}],"groupLabels":{},)"
                     R"("commonLabels":{},"commonAnnotations":{},"externalURL":{},"version":"4",)"
                     R"("groupKey":{},"truncatedAlerts":0}})",
                     quote_json(receiver), status_of(first), alerts, write_texts(group),
                     write_texts(labels), write_texts(annotations), quote_json(external_url),
                     quote_json(group_key));
}

} // namespace tocsin
