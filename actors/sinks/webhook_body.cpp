#include "actors/sinks/webhook_body.hpp"

#include "actors/sinks/alert_text.hpp"
#include "actors/sinks/watchdog.hpp"
#include "config/json_text.hpp"
#include "streams/rule/iso_time.hpp"

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

std::string_view status_of(const redis::stream_event& e) {
  return e.opened ? "firing" : "resolved";
}

std::string alert_json(std::string_view status, const text_map& labels, const text_map& annotations,
                       std::string_view starts_at, std::string_view ends_at, std::string_view url) {
  return fmt::format(R"({{"status":"{}","labels":{},"annotations":{},"startsAt":{},"endsAt":{},)"
                     R"("generatorURL":{},"fingerprint":"{}"}})",
                     status, write_texts(labels), write_texts(annotations), quote_json(starts_at),
                     quote_json(ends_at), quote_json(url), alert_fingerprint(labels));
}

// What alerts of one name have in common.
struct alert_group {
  std::string_view status, alertname;
  text_map labels, annotations;
};

std::string group_json(const alert_group& g, std::string_view alerts, std::string_view receiver,
                       std::string_view external_url) {
  const text_map by = {{"alertname", std::string(g.alertname)}};
  const auto group_key = fmt::format("{{}}:{{alertname={}}}", quote_json(g.alertname));
  return fmt::format(R"({{"receiver":{},"status":"{}","alerts":[{}],"groupLabels":{},)"
                     R"("commonLabels":{},"commonAnnotations":{},"externalURL":{},"version":"4",)"
                     R"("groupKey":{},"truncatedAlerts":0}})",
                     quote_json(receiver), g.status, alerts, write_texts(by), write_texts(g.labels),
                     write_texts(g.annotations), quote_json(external_url), quote_json(group_key));
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
  alert_group group{status_of(first), first.rule_name, alert_labels(first), first.annotations};
  std::string alerts;
  for (const auto& e : events) {
    const auto labels = alert_labels(e);
    group.labels = common(group.labels, labels);
    group.annotations = common(group.annotations, e.annotations);
    if (!alerts.empty())
      alerts += ',';
    alerts += alert_json(status_of(e), labels, e.annotations, e.start_time,
                         e.opened ? no_time : e.end_time, incident_url(external_url, e.id));
  }
  return group_json(group, alerts, receiver, external_url);
}

std::string watchdog_body(std::string_view cluster, std::int64_t now_ms) {
  return fmt::format(R"({{"event":"watchdog","cluster":{},"time":{}}})", quote_json(cluster),
                     quote_json(iso_time(now_ms)));
}

std::string alertmanager_watchdog_body(std::string_view cluster, std::int64_t since_ms,
                                       std::string_view receiver, std::string_view external_url) {
  const alert_group group{"firing", "Watchdog", watchdog_labels(cluster), watchdog_annotations()};
  const auto alert = alert_json(group.status, group.labels, group.annotations, iso_time(since_ms),
                                no_time, external_url);
  return group_json(group, alert, receiver, external_url);
}

} // namespace tocsin
