#include "actors/sinks/webhook_sink.hpp"

#include "actors/sinks/answer.hpp"
#include "actors/sinks/signature.hpp"
#include "actors/sinks/webhook_body.hpp"

#include <algorithm>
#include <chrono>

namespace tocsin {

namespace {

constexpr std::size_t alerts_max = 64; // in one request

std::int64_t unix_s() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

// The same for each attempt, another for each event. Ids are plain letters; of what somebody else
// wrote into the stream, what could end a header is left out.
std::string idempotency_key(const redis::stream_event& e) {
  auto key = e.id + (e.opened ? "-opened" : "-resolved");
  std::erase_if(key, [](char c) { return c <= ' ' || c > '~'; });
  return key;
}

} // namespace

webhook_sink::webhook_sink(webhook config, std::string external_url)
    : config_(std::move(config)), external_url_(std::move(external_url)),
      name_("webhook:" + config_.name),
      client_({.ca_file = config_.ca_file, .private_addresses = config_.private_addresses}) {}

std::size_t webhook_sink::batch_max() const {
  return config_.format == webhook_format::alertmanager ? alerts_max : 1;
}

std::size_t webhook_sink::share(std::span<const redis::stream_event> events) const {
  return config_.format == webhook_format::alertmanager ? alertmanager_group(events) : 1;
}

delivery webhook_sink::deliver(std::span<const redis::stream_event> events) {
  std::size_t taken = 0;
  while (taken < events.size()) {
    const auto n = share(events.subspan(taken));
    const auto those = events.subspan(taken, n);
    if (wants(those.front())) {
      auto answer = send(those);
      if (answer.what != delivery::outcome::done) {
        answer.taken = taken;
        return answer;
      }
    }
    taken += n;
  }
  return {};
}

delivery webhook_sink::send(std::span<const redis::stream_event> events) {
  const bool one = config_.format == webhook_format::incident;
  const auto body =
      one ? incident_body(events.front()) : alertmanager_body(events, config_.name, external_url_);
  http::field_list headers = {{"Content-Type", "application/json"}};
  headers.insert(headers.end(), config_.headers.begin(), config_.headers.end());
  if (one && !http::find_field(headers, "Idempotency-Key"))
    headers.emplace_back("Idempotency-Key", idempotency_key(events.front()));
  if (!config_.secret.empty())
    headers.emplace_back("Tocsin-Signature", sign_body(config_.secret, unix_s(), body));
  const auto answer = client_.request("POST", config_.url, headers, body, config_.timeout_ms);
  return judge_answer(answer, unix_s());
}

} // namespace tocsin
