#include "streams/rule/incident.hpp"

#include "config/json_text.hpp"

#include <fmt/format.h>
#include <memory>
#include <openssl/evp.h>

namespace tocsin {

namespace {

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

// Looking an algorithm up takes OpenSSL longer than the digest of a few bytes: it is done once.
digest sha256(std::string_view text) {
  struct release {
    void operator()(EVP_MD* md) const { EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  static const std::unique_ptr<EVP_MD, release> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, release> context(EVP_MD_CTX_new());
  digest out{};
  EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr);
  EVP_DigestUpdate(context.get(), text.data(), text.size());
  EVP_DigestFinal_ex(context.get(), out.data(), nullptr);
  return out;
}

std::array<char, 22> short_digest(std::string_view text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto bytes = sha256(text);
  std::array<char, 22> out;
  for (std::size_t i = 0, at = 0; at < out.size(); i += 3) {
    const auto byte = [&](std::size_t n) { return n < 16 ? std::uint32_t{bytes[n]} : 0u; };
    const auto group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (int shift = 18; shift >= 0 && at < out.size(); shift -= 6)
      out[at++] = digits[group >> shift & 63];
  }
  return out;
}

void append_with_length(std::string& out, std::string_view part) {
  const auto n = static_cast<std::uint32_t>(part.size());
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(n >> shift & 0xff));
  out += part;
}

std::string incident_id(std::string_view cluster, std::string_view rule_name, std::string_view host,
                        std::int64_t start_ms) {
  std::string text;
  for (const auto part : {cluster, rule_name, host})
    append_with_length(text, part);
  append_with_length(text, iso_time(start_ms));
  const auto id = short_digest(text);
  return {id.begin(), id.end()};
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
  if (!e.about.labels.empty())
    out += fmt::format(R"(,"labels":{})", write_texts(e.about.labels));
  if (!e.annotations.empty())
    out += fmt::format(R"(,"annotations":{})", e.annotations);
  return out + "}";
}

} // namespace tocsin
