#include "actors/sinks/alertmanager.hpp"

#include "actors/sinks/alert_text.hpp"
#include "actors/sinks/answer.hpp"
#include "actors/sinks/clock.hpp"
#include "streams/redis/partition_state.hpp"

#include <chrono>
#include <spdlog/spdlog.h>
#include <vector>

namespace tocsin {

alertmanager_sink::alertmanager_sink(alertmanager_options options)
    : options_(std::move(options)), name_("alertmanager:" + options_.url),
      round_(options_.resend_ms) {}

delivery alertmanager_sink::deliver(std::span<const redis::stream_event> events) {
  return post(events);
}

delivery alertmanager_sink::post(std::span<const redis::stream_event> events) {
  const auto until_ms = unix_ms() + round_.lasting_ms(monotonic_ms());
  return judge_answer(client_.request("POST", options_.url + "/api/v2/alerts",
                                      {{"Content-Type", "application/json"}},
                                      alerts_json(events, until_ms, options_.external_url),
                                      request_timeout_ms),
                      unix_ms() / 1'000);
}

std::int64_t alertmanager_sink::idle(redis::connection& c, std::int64_t now_ms) {
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
