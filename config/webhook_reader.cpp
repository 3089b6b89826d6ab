#include "config/webhook_reader.hpp"

#include "config/body_reader.hpp"
#include "config/choice_reader.hpp"
#include "config/headers_reader.hpp"
#include "config/http_url.hpp"
#include "config/json_text.hpp"
#include "config/match_reader.hpp"
#include "config/secret_reader.hpp"
#include "config/value_reader.hpp"

#include <array>
#include <cstdint>
#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

constexpr std::array<std::string_view, 14> keys = {
    "name",       "url",     "on",     "match", "headers",          "secret",
    "secretFile", "timeout", "format", "body",  "privateAddresses", "caFile",
    "certFile",   "keyFile"};
constexpr std::array<std::string_view, 3> events = {"opened", "resolved", "watchdog"};
constexpr std::array<std::string_view, 2> formats = {"incident", "alertmanager"};
constexpr std::size_t secret_bytes_short = 16;
constexpr std::int64_t timeout_ms_least = 100;
constexpr std::int64_t timeout_ms_most = 300'000;

std::string doubt_about_secret(std::string_view text) {
  return text.size() < secret_bytes_short
             ? fmt::format("has only {} characters and may be guessed; try: openssl rand -hex 32",
                           text.size())
             : "";
}

// Reads one webhook, key by key.
class webhook_reader {
public:
  webhook_reader(const json_cursor& object, const file_source& files, problem_list& problems)
      : object_(object), secrets_(object, files, problems), problems_(problems) {}

  webhook run() {
    check_keys(object_, keys, stranger::warned_about, problems_);
    read_url();
    with("name", [&](const auto& at) { read_name(at); });
    with("on", [&](const auto& at) { read_events(at); });
    with("headers",
         [&](const auto& at) { out_.headers = read_headers(at, problems_).value_or(text_map{}); });
    with("match", [&](const auto& at) { out_.match = read_match(at, problems_); });
    with("body", [&](const auto& at) { read_body_of(at); });
    out_.secret = secrets_.read({"secret", "secretFile", object_to_secret, doubt_about_secret});
    with("timeout", [&](const auto& at) {
      out_.timeout_ms =
          read_duration(at, timeout_ms_least, timeout_ms_most, problems_).value_or(out_.timeout_ms);
    });
    with("format", [&](const auto& at) {
      if (const auto hit = read_choice(at, "format", formats, problems_))
        out_.format = static_cast<webhook_format>(*hit);
    });
    with("privateAddresses", [&](const auto& at) {
      out_.private_addresses = read_flag(at, problems_).value_or(false);
    });
    out_.ca_file = secrets_.read_authorities(tls_);
    out_.certificate = secrets_.read_certificate(tls_);
    return std::move(out_);
  }

private:
  template <class Read>
  void with(std::string_view key, Read read) {
    if (const auto* member = object_.node().find(key))
      read(object_.child(*member));
  }

  void read_url() {
    const auto* member = object_.node().find("url");
    if (!member)
      return problems_.error(object_.place(), "`url` is missing");
    const auto at = object_.child(*member);
    const auto text = read_text(at, problems_);
    if (!text)
      return;
    const auto parts = read_http_url(*text);
    if (!parts)
      return problems_.error(at.place(), fmt::format("this is no URL to use: {}; write "
                                                     "https://HOST/PATH",
                                                     parts.failure().message));
    out_.url = *text;
    out_.name = default_webhook_name(*text, parts->host);
    tls_ = parts->tls;
  }

  void read_name(const json_cursor& at) {
    const auto text = read_text(at, problems_);
    if (!text)
      return;
    out_.name = *text;
    if (!fits_webhook_name(*text))
      problems_.error(at.place(),
                      fmt::format("{} is no name for a webhook: at most {} letters, digits, dots, "
                                  "dashes and underscores",
                                  quote_for_people(*text), webhook_name_bytes_max));
  }

  void read_events(const json_cursor& at) {
    if (at.node().type != kind::array)
      return problems_.error(at.place(), fmt::format(R"(expected an array such as ["opened"], )"
                                                     "found {}",
                                                     at.node().kind_name()));
    if (at.node().items.empty())
      return problems_.error(at.place(), "this webhook would never be called: name `opened`, "
                                         "`resolved` or `watchdog`");
    std::array<bool, events.size()> on = {};
    for (std::size_t i = 0; i < at.node().items.size(); ++i) {
      if (const auto hit = read_choice(at.child(i), "event", events, problems_))
        on[*hit] = true;
    }
    out_.on_opened = on[0];
    out_.on_resolved = on[1];
    out_.on_watchdog = on[2];
  }

  void read_body_of(const json_cursor& at) {
    if (object_.node().find("format"))
      return problems_.error(at.place(), "`format` stands here too: keep one of them");
    out_.body = read_body(at, problems_);
  }

  const json_cursor& object_;
  secret_reader secrets_;
  problem_list& problems_;
  webhook out_;
  std::optional<bool> tls_; // none while the URL is not known
};

} // namespace

std::span<const std::string_view> webhook_keys() {
  return keys;
}

webhook read_webhook(const json_cursor& object, const file_source& files, problem_list& problems) {
  return webhook_reader(object, files, problems).run();
}

} // namespace tocsin
