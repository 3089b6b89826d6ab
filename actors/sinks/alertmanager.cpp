#include "actors/sinks/alertmanager.hpp"

#include "actors/sinks/alert_text.hpp"
#include "config/json_text.hpp"
#include "streams/redis/partition_state.hpp"

#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <vector>

namespace tocsin {

namespace {

std::int64_t monotonic_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

// Retry-After in seconds; 0 for anything else. The retry policy bounds it.
std::int64_t wish_of(const http::client_response& answer) {
  constexpr std::int64_t seconds_max = 86'400;
  const auto text = answer.header("Retry-After").value_or("");
  std::int64_t seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole && seconds >= 0 ? std::min(seconds, seconds_max) * 1'000 : 0;
}

} // namespace

delivery judge_alerts(const result<http::client_response>& answer) {
  using outcome = delivery::outcome;
  if (!answer)
    return {outcome::later, 0, answer.failure().message};
  const auto status = answer->status;
  if (status >= 200 && status < 300)
    return {};
  const bool at_fault = status >= 400 && status < 500 && status != 408 && status != 429;
  auto why = fmt::format("answered {}: {}", status, quote_for_people(answer->body));
  if (status >= 300 && status < 400)
    why = fmt::format("answered {}: redirects are not followed", status);
  return {at_fault ? outcome::failed : outcome::later, 0, std::move(why), wish_of(*answer)};
}

alertmanager_sink::alertmanager_sink(alertmanager_options options)
    : options_(std::move(options)), name_("alertmanager:" + options_.url),
      round_(options_.resend_ms) {}

delivery alertmanager_sink::deliver(std::span<const redis::stream_event> events) {
  return post(events);
}

delivery alertmanager_sink::post(std::span<const redis::stream_event> events) {
  const auto until_ms = unix_ms() + round_.lasting_ms(monotonic_ms());
  return judge_alerts(client_.request(
      "POST", options_.url + "/api/v2/alerts", {{"Content-Type", "application/json"}},
      alerts_json(events, until_ms, options_.external_url), request_timeout_ms));
}

std::int64_t alertmanager_sink::idle(redis::connection& c, std::int64_t now_ms) {
  if (now_ms < round_.due_ms())
    return round_.due_ms();
  round_.begin(now_ms);
  if (round_.cursor() == "0")
    clean_ = true;
  const auto sent = send_piece(c);
  if (sent.what == delivery::outcome::later)
    round_.failed(monotonic_ms());
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
  auto sent = open.empty() ? delivery{} : post(open);
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
