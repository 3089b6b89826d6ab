#include "streams/rule/incident.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <openssl/sha.h>

namespace tocsin {

namespace {

using digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

digest sha256(std::string_view text) {
  digest out;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
  return out;
}

void append_with_length(std::string& out, std::string_view part) {
  const auto n = static_cast<std::uint32_t>(part.size());
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(n >> shift & 0xff));
  out += part;
}

std::string base64url(const unsigned char* bytes, std::size_t size) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (std::size_t i = 0; i < size; i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < size ? bytes[i + j] : 0u);
    const auto chars = std::min(size - i, std::size_t{3}) + 1;
    for (std::size_t j = 0; j < chars; ++j)
      out.push_back(digits[group >> (18 - 6 * j) & 63]);
  }
  return out;
}

// id … triggerValue, as every form of an incident begins.
std::string common_json(const incident_event& e) {
  std::string out =
      fmt::format(R"("id":{},"ruleName":{},"hostName":{},"startTime":"{}",)", quote_json(e.id),
                  quote_json(e.about.name), quote_json(e.host), iso_time(e.start_ms));
  if (!e.opened)
    out += fmt::format(R"("endTime":"{}",)", iso_time(e.end_ms));
  return out + fmt::format(R"("triggerValue":{})", write_number(e.trigger_value));
}

} // namespace

std::string_view to_string(resolution r) {
  switch (r) {
  case resolution::recovered:
    return "recovered";
  case resolution::no_data:
    return "no-data";
  case resolution::rule_removed:
    return "rule-removed";
  case resolution::host_gone:
    return "host-gone";
  case resolution::host_expired:
    return "host-expired";
  }
  return {};
}

std::string incident_id(std::string_view cluster, std::string_view rule_name, std::string_view host,
                        std::int64_t start_ms) {
  std::string text;
  for (const auto part : {cluster, rule_name, host})
    append_with_length(text, part);
  append_with_length(text, iso_time(start_ms));
  return base64url(sha256(text).data(), 16);
}

std::string content_hash(std::string_view text) {
  std::string out;
  for (const auto byte : sha256(text))
    out += fmt::format("{:02x}", byte);
  return out;
}

std::string event_json(const incident_event& e) {
  auto out = fmt::format(R"({{"event":"{}",{})", e.opened ? "opened" : "resolved", common_json(e));
  if (!e.opened)
    out += fmt::format(R"(,"reason":"{}")", to_string(e.reason));
  return out + "}";
}

std::string open_incident_json(const incident_event& e) {
  const auto& r = e.about;
  return fmt::format(
      R"({{{},"field":{},"aggregation":"{}","operand":"{}","threshold":{},"timeframe":{}}})",
      common_json(e), quote_json(r.field), name_of(r.aggregate), name_of(r.compare),
      write_number(r.threshold), r.timeframe_ms);
}

std::vector<std::string> event_fields(const incident_event& e, std::uint64_t seq) {
  const auto& r = e.about;
  std::vector<std::string> out{"v",         "1",
                               "event",     e.opened ? "opened" : "resolved",
                               "seq",       std::to_string(seq),
                               "id",        e.id,
                               "ruleName",  r.name,
                               "hostName",  e.host,
                               "startTime", iso_time(e.start_ms)};
  const auto add = [&](std::string_view name, std::string_view value) {
    out.emplace_back(name);
    out.emplace_back(value);
  };
  if (!e.opened)
    add("endTime", iso_time(e.end_ms));
  add("triggerValue", write_number(e.trigger_value));
  if (!e.opened)
    add("reason", to_string(e.reason));
  add("field", r.field);
  add("aggregation", name_of(r.aggregate));
  add("operand", name_of(r.compare));
  add("threshold", write_number(r.threshold));
  add("timeframe", std::to_string(r.timeframe_ms));
  return out;
}

} // namespace tocsin
