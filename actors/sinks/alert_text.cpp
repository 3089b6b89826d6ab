#include "actors/sinks/alert_text.hpp"

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

std::string alerts_json(std::span<const redis::stream_event> events, std::int64_t firing_until_ms,
                        std::string_view external_url) {
  const auto firing_until = iso_time(firing_until_ms);
  std::string out = "[";
  for (const auto& e : events) {
    out += fmt::format(R"({}{{"labels":{},"annotations":{},"startsAt":{},"endsAt":{},)"
                       R"("generatorURL":{}}})",
                       out.size() > 1 ? "," : "", write_texts(alert_labels(e)),
                       write_texts(e.annotations), quote_json(e.start_time),
                       quote_json(e.opened ? firing_until : e.end_time),
                       quote_json(incident_url(external_url, e.id)));
  }
  return out + ']';
}

} // namespace tocsin
