#include "actors/sinks/webhook_sink.hpp"

#include "actors/sinks/answer.hpp"
#include "actors/sinks/clock.hpp"
#include "actors/sinks/signature.hpp"
#include "actors/sinks/webhook_body.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

constexpr std::size_t alerts_max = 64; // in one request

std::int64_t unix_s() {
  return unix_ms() / 1'000;
}

// The same for each attempt, another for each event. Ids are plain letters; of what somebody else
// wrote into the stream, what could end a header is left out.
std::string idempotency_key(const redis::stream_event& e) {
  auto key = e.id + (e.opened ? "-opened" : "-resolved");
  std::erase_if(key, [](char c) { return c <= ' ' || c > '~'; });
  return key;
}

watchdog_wiring asked_for(const webhook& config, watchdog_wiring w) {
  if (!config.on_watchdog)
    w.evaluates = {};
  return w;
}

} // namespace

webhook_sink::webhook_sink(webhook config, body_surroundings around, watchdog_wiring watchdog)
    : config_(std::move(config)), around_(std::move(around)), name_("webhook:" + config_.name),
      client_({.ca_file = config_.ca_file,
               .cert_file = config_.certificate.cert_file,
               .key_file = config_.certificate.key_file,
               .private_addresses = config_.private_addresses}),
      watchdog_(asked_for(config_, std::move(watchdog))) {}

bool webhook_sink::groups() const {
  return config_.body.empty() && config_.format == webhook_format::alertmanager;
}

std::size_t webhook_sink::batch_max() const {
  return groups() ? alerts_max : 1;
}

// Events of one rule may differ in their labels: those from before they were changed.
std::size_t webhook_sink::share(std::span<const redis::stream_event> events) const {
  if (!groups())
    return 1;
  const auto n = alertmanager_group(events);
  const bool sent = meets(config_.match, events.front().labels);
  std::size_t same = 1;
  while (same < n && meets(config_.match, events[same].labels) == sent)
    ++same;
  return same;
}

delivery webhook_sink::deliver(std::span<const redis::stream_event> events) {
  std::size_t taken = 0, unmatched = 0;
  while (taken < events.size()) {
    const auto n = share(events.subspan(taken));
    const auto those = events.subspan(taken, n);
    if (!asks_for(those.front())) {
      // done with them
    } else if (!meets(config_.match, those.front().labels)) {
      unmatched += n;
    } else if (auto answer = send(those); answer.what != delivery::outcome::done) {
      answer.taken = taken;
      answer.unmatched = unmatched;
      return answer;
    }
    taken += n;
  }
  return {.unmatched = unmatched};
}

std::string webhook_sink::body_of(std::span<const redis::stream_event> events) const {
  if (!config_.body.empty())
    return fill_body(config_.body, events.front(), around_);
  return groups() ? alertmanager_body(events, config_.name, around_.external_url)
                  : incident_body(events.front());
}

delivery webhook_sink::send(std::span<const redis::stream_event> events) {
  http::field_list headers;
  if (!groups() && !http::find_field(config_.headers, "Idempotency-Key"))
    headers.emplace_back("Idempotency-Key", idempotency_key(events.front()));
  if (events.front().test)
    headers.emplace_back("Tocsin-Test", "true");
  return post(std::move(headers), body_of(events));
}

delivery webhook_sink::post(http::field_list headers, const std::string& body) {
  headers.emplace_back("Content-Type",
                       config_.body.plain_text ? "text/plain; charset=utf-8" : "application/json");
  headers.insert(headers.end(), config_.headers.begin(), config_.headers.end());
  if (!config_.secret.empty())
    headers.emplace_back("Tocsin-Signature", sign_body(config_.secret, unix_s(), body));
  const auto answer = client_.request("POST", config_.url, headers, body, config_.timeout_ms);
  return judge_answer(answer, unix_s());
}

std::string webhook_sink::watchdog_body_now() {
  if (watchdog_since_ms_ == 0)
    watchdog_since_ms_ = unix_ms();
  if (!config_.body.empty())
    return fill_watchdog_body(config_.body, around_);
  return groups() ? alertmanager_watchdog_body(around_.cluster, watchdog_since_ms_, config_.name,
                                               around_.external_url)
                  : watchdog_body(around_.cluster, unix_ms());
}

std::int64_t webhook_sink::idle(redis::connection&, std::int64_t now_ms) {
  if (!watchdog_.step(now_ms))
    return watchdog_.due_ms();
  const auto sent = post({}, watchdog_body_now());
  const auto now = monotonic_ms();
  if (sent.what == delivery::outcome::done) {
    if (about_watchdog_.works(now))
      spdlog::info("{}: the watchdog is told again", name_);
  } else if (about_watchdog_.fails(sent.why, now)) {
    spdlog::warn("{}: the watchdog cannot be told: {}", name_, sent.why);
  }
  return watchdog_.due_ms();
}

} // namespace tocsin
