#include "config/webhook_reader.hpp"

#include "config/byte_order_mark.hpp"
#include "config/choice_reader.hpp"
#include "config/headers_reader.hpp"
#include "config/http_url.hpp"
#include "config/json_text.hpp"
#include "config/text_map_reader.hpp"
#include "config/value_reader.hpp"

#include <array>
#include <cstdint>
#include <fmt/format.h>

namespace tocsin {

namespace {

using kind = json_node::kind;

constexpr std::array<std::string_view, 10> keys = {
    "name",       "url",     "on",     "headers",          "secret",
    "secretFile", "timeout", "format", "privateAddresses", "caFile"};
constexpr std::array<std::string_view, 2> events = {"opened", "resolved"};
constexpr std::array<std::string_view, 2> formats = {"incident", "alertmanager"};
constexpr std::size_t secret_bytes_max = 4'096;
constexpr std::size_t secret_bytes_short = 16;
constexpr std::int64_t timeout_ms_least = 100;
constexpr std::int64_t timeout_ms_most = 300'000;

std::string objection_to_secret(std::string_view text) {
  if (text.empty())
    return "is empty";
  if (text.size() > secret_bytes_max)
    return fmt::format("is longer than {} characters", secret_bytes_max);
  return holds_control_character(text) ? "holds a control character" : "";
}

// Reads one webhook, key by key.
class webhook_reader {
public:
  webhook_reader(const json_cursor& object, const file_source& files, problem_list& problems)
      : object_(object), files_(files), problems_(problems) {}

  webhook run() {
    check_keys(object_, keys, stranger::warned_about, problems_);
    read_url();
    with("name", [&](const auto& at) { read_name(at); });
    with("on", [&](const auto& at) { read_events(at); });
    with("headers",
         [&](const auto& at) { out_.headers = read_headers(at, problems_).value_or(text_map{}); });
    with("secret", [&](const auto& at) { read_secret(at); });
    with("secretFile", [&](const auto& at) { read_secret_file(at); });
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
    with("caFile", [&](const auto& at) { read_authorities(at); });
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
                                         "`resolved` or both");
    std::array<bool, events.size()> on = {};
    for (std::size_t i = 0; i < at.node().items.size(); ++i) {
      if (const auto hit = read_choice(at.child(i), "event", events, problems_))
        on[*hit] = true;
    }
    out_.on_opened = on[0];
    out_.on_resolved = on[1];
  }

  void read_secret(const json_cursor& at) {
    const auto text = read_text(at, problems_);
    if (text)
      take_secret(at, "the secret", *text);
  }

  void read_secret_file(const json_cursor& at) {
    const auto path = read_text(at, problems_);
    if (!path)
      return;
    if (object_.node().find("secret"))
      return problems_.error(at.place(), "`secret` stands here too: keep one of them");
    const auto file = read_file(at, *path);
    if (!file)
      return;
    if (file->open_to_others)
      problems_.warn(at.place(), fmt::format("{} can be read by other users; try: chmod 600",
                                             quote_for_people(file->path)));
    auto line = without_byte_order_mark(file->text);
    line = line.substr(0, line.find('\n'));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    take_secret(at, fmt::format("the secret in {}", quote_for_people(file->path)), line);
  }

  void take_secret(const json_cursor& at, std::string_view what, std::string_view text) {
    if (const auto objection = objection_to_secret(text); !objection.empty())
      return problems_.error(at.place(), fmt::format("{} {}", what, objection));
    if (text.size() < secret_bytes_short)
      problems_.warn(at.place(), fmt::format("{} has only {} characters and may be guessed; try: "
                                             "openssl rand -hex 32",
                                             what, text.size()));
    out_.secret = text;
  }

  void read_authorities(const json_cursor& at) {
    const auto path = read_text(at, problems_);
    if (!path)
      return;
    if (!tls_ && !out_.url.empty())
      problems_.warn(at.place(), "authorities are asked about https:// only: this does nothing");
    const auto file = read_file(at, *path);
    if (!file)
      return;
    if (file->text.find("-----BEGIN") == std::string::npos)
      problems_.error(at.place(), fmt::format("{} holds no certificate in PEM form",
                                              quote_for_people(file->path)));
    out_.ca_file = file->path;
  }

  // None without a source of files, and with an error.
  std::optional<named_file> read_file(const json_cursor& at, const std::string& path) {
    if (!files_)
      return std::nullopt;
    auto file = files_(path);
    if (file)
      return std::move(*file);
    problems_.error(at.place(),
                    fmt::format("{}: {}", quote_for_people(path), file.failure().message));
    return std::nullopt;
  }

  const json_cursor& object_;
  const file_source& files_;
  problem_list& problems_;
  webhook out_;
  bool tls_ = false;
};

} // namespace

std::span<const std::string_view> webhook_keys() {
  return keys;
}

webhook read_webhook(const json_cursor& object, const file_source& files, problem_list& problems) {
  return webhook_reader(object, files, problems).run();
}

} // namespace tocsin
