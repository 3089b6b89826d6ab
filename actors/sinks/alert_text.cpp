#include "actors/sinks/alert_text.hpp"

#include "actors/sinks/watchdog.hpp"
#include "config/json_text.hpp"
#include "streams/rule/iso_time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace tocsin {

text_map alert_labels(const redis::stream_event& e) {
  text_map out = {{"alertname", e.rule_name}, {"instance", e.host_name}};
  for (const auto& label : e.labels) {
    if (label.first != "alertname" && label.first != "instance" && !label.second.empty())
      out.push_back(label);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string incident_url(std::string_view external_url, std::string_view id) {
  if (external_url.empty())
    return {};
  return fmt::format("{}{}incidents/{}", external_url, external_url.ends_with('/') ? "" : "/", id);
}

namespace {

std::string alert_json(const text_map& labels, const text_map& annotations,
                       std::string_view starts_at, std::string_view ends_at, std::string_view url) {
  return fmt::format(R"({{"labels":{},"annotations":{},"startsAt":{},"endsAt":{},)"
                     R"("generatorURL":{}}})",
                     write_texts(labels), write_texts(annotations), quote_json(starts_at),
                     quote_json(ends_at), quote_json(url));
}

} // namespace

std::string alerts_json(std::span<const redis::stream_event> events, std::int64_t firing_until_ms,
                        std::string_view external_url) {
  const auto firing_until = iso_time(firing_until_ms);
  std::string out = "[";
  for (const auto& e : events) {
    out += out.size() > 1 ? "," : "";
    out += alert_json(alert_labels(e), e.annotations, e.start_time,
                      e.opened ? firing_until : e.end_time, incident_url(external_url, e.id));
  }
  return out + ']';
}

std::string watchdog_alerts_json(std::string_view cluster, std::int64_t since_ms,
                                 std::int64_t firing_until_ms, std::string_view external_url) {
  return fmt::format("[{}]",
                     alert_json(watchdog_labels(cluster), watchdog_annotations(),
                                iso_time(since_ms), iso_time(firing_until_ms), external_url));
}

} // namespace tocsin
