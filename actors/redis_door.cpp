#include "actors/redis_door.hpp"

#include "streams/redis/layout.hpp"
#include "streams/redis/refusal.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <utility>

namespace tocsin {

namespace {
constexpr std::int64_t pause_first_ms = 50;
constexpr std::int64_t pause_longest_ms = 2'000;

// What stands last in the message: which command met it does not matter.
std::string_view said_by_redis(std::string_view message) {
  const auto at = message.rfind(": ");
  return at == std::string_view::npos ? message : message.substr(at + 2);
}
} // namespace

redis::connection* redis_door::get(std::int64_t now_ms) {
  if (connection_ && !connection_->broken())
    return &*connection_;
  connection_.reset();
  if (now_ms < next_try_ms_)
    return nullptr;
  worked_ms_ = now_ms;
  auto made = redis::connection::open(ctx_.address, "tocsin-" + name_);
  if (!made) {
    refused_now_ = redis::is_refusal(made.failure());
    failed(made.failure(), monotonic_ms()); // opening may have taken long
    return nullptr;
  }
  connection_.emplace(std::move(*made));
  ++opened_;
  pause_ms_ = 0;
  spdlog::debug("{}: connected to {}", name_, ctx_.address.describe());
  admitted();
  note_answer();
  return &*connection_;
}

redis_door::~redis_door() {
  admitted();
}

// Redis lets this one in again, or need not.
void redis_door::admitted() {
  if (std::exchange(refused_, false) && ctx_.refusals.admitted(monotonic_ms()))
    spdlog::info("{}: Redis at {} lets everybody in again", name_, ctx_.address.describe());
}

bool redis_door::is_news(const error& why, bool sound, std::int64_t now_ms) {
  if (sound)
    return complaint_.fails(said_by_redis(why.message), now_ms);
  if (refused_now_)
    return ctx_.refusals.refused(why.message, std::exchange(refused_, true), now_ms);
  return ctx_.outage.begins(worked_ms_);
}

void redis_door::failed(const error& why, std::int64_t now_ms) {
  ctx_.metrics.redis_errors.add();
  const bool sound = connection_ && !connection_->broken();
  const auto said = explained(why);
  spdlog::log(is_news(why, sound, now_ms) ? spdlog::level::warn : spdlog::level::debug, "{}: {}",
              name_, said);
  if (serves_)
    serves_->refused(now_ms, said);
  if (sound)
    return;
  refused_now_ = false;
  connection_.reset();
  ctx_.redis_answers = false;
  ctx_.redis_said.set(why.message);
  pause_ms_ = std::clamp(pause_ms_ * 2, pause_first_ms, pause_longest_ms);
  next_try_ms_ = now_ms + pause_ms_;
}

// Redis does not say which key is of a wrong type, nor what to do.
std::string redis_door::explained(const error& why) {
  if (!connection_ || connection_->broken() || why.message.find("WRONGTYPE") == std::string::npos)
    return why.message;
  auto keys = redis::check_layout(*connection_, ctx_.keys, ctx_.cluster);
  if (keys)
    keys = redis::check_dead_letters(*connection_, ctx_.keys);
  return keys ? why.message : keys.failure().message;
}

void redis_door::works() {
  note_answer();
  if (complaint_.works(worked_ms_))
    spdlog::info("{}: Redis takes it again", name_);
}

void redis_door::note_answer() {
  worked_ms_ = monotonic_ms();
  ctx_.redis_answers = true;
  if (ctx_.outage.ends(worked_ms_))
    spdlog::info("{}: Redis is back at {}", name_, ctx_.address.describe());
}

std::int64_t redis_door::pause_ms(std::int64_t now_ms) const {
  return std::max<std::int64_t>(next_try_ms_ - now_ms, pause_first_ms);
}

} // namespace tocsin
