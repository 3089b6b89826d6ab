#include "actors/sinks/alertmanager.hpp"

#include "actors/sinks/alert_text.hpp"
#include "actors/sinks/answer.hpp"
#include "actors/sinks/clock.hpp"
#include "streams/redis/partition_state.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <vector>

namespace tocsin {

alertmanager_sink::alertmanager_sink(alertmanager_options options)
    : options_(std::move(options)), name_("alertmanager:" + options_.url), client_(options_.client),
      round_(options_.resend_ms), watchdog_(options_.watchdog) {}

delivery alertmanager_sink::deliver(std::span<const redis::stream_event> events) {
  return post(alerts_json(events, until_ms(), options_.external_url));
}

std::int64_t alertmanager_sink::until_ms() const {
  return unix_ms() + round_.lasting_ms(monotonic_ms());
}

delivery alertmanager_sink::post(const std::string& alerts) {
  http::field_list headers = {{"Content-Type", "application/json"}};
  if (!options_.authorization.empty())
    headers.emplace_back("Authorization", options_.authorization);
  return judge_answer(
      client_.request("POST", options_.url + "/api/v2/alerts", headers, alerts, request_timeout_ms),
      unix_ms() / 1'000);
}

std::int64_t alertmanager_sink::idle(redis::connection& c, std::int64_t now_ms) {
  if (watchdog_.step(now_ms))
    send_watchdog();
  return std::min(watchdog_.due_ms(), resend(c, now_ms));
}

// It is not tried again: the next one comes, and what was sent lasts for four of them.
void alertmanager_sink::send_watchdog() {
  if (watchdog_since_ms_ == 0)
    watchdog_since_ms_ = unix_ms();
  const auto sent = post(watchdog_alerts_json(watchdog_.cluster(), watchdog_since_ms_, until_ms(),
                                              options_.external_url));
  const auto now = monotonic_ms();
  if (sent.what == delivery::outcome::done) {
    if (about_watchdog_.works(now))
      spdlog::info("{}: the watchdog is told again", name_);
  } else if (about_watchdog_.fails(sent.why, now)) {
    spdlog::warn("{}: the watchdog cannot be told: {}", name_, sent.why);
  }
}

std::int64_t alertmanager_sink::resend(redis::connection& c, std::int64_t now_ms) {
  if (now_ms < round_.due_ms())
    return round_.due_ms();
  round_.begin(now_ms);
  if (round_.cursor() == "0")
    clean_ = true;
  const auto sent = send_piece(c);
  if (sent.what == delivery::outcome::later)
    round_.failed(monotonic_ms(), sent.wait_ms);
  tell(sent);
  return round_.due_ms();
}

// A piece in which Alertmanager finds fault with an alert is done with: it took the others.
delivery alertmanager_sink::send_piece(redis::connection& c) {
  auto piece = redis::scan_piece(c, options_.keys.open, round_.cursor(), alerts_max);
  if (!piece)
    return {delivery::outcome::later, 0, piece.failure().message};
  std::vector<redis::stream_event> open;
  for (const auto& [id, json] : piece->fields)
    if (auto event = redis::read_open_event(json))
      open.push_back(std::move(*event));
  auto sent = open.empty() ? delivery{} : deliver(open);
  if (sent.what != delivery::outcome::later)
    round_.sent(std::move(piece->cursor), monotonic_ms());
  return sent;
}

// Once when it begins, and once when a whole round went well again.
void alertmanager_sink::tell(const delivery& sent) {
  clean_ = clean_ && sent.what == delivery::outcome::done;
  if (!clean_ && !complaining_)
    spdlog::warn("{}: open incidents cannot be sent again: {}", name_, sent.why);
  const bool over = round_.cursor() == "0";
  if (clean_ && over && complaining_)
    spdlog::info("{}: open incidents are sent again", name_);
  if (!clean_ || over)
    complaining_ = !clean_;
}

} // namespace tocsin
