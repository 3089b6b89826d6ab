#include "actors/redis_door.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <utility>

namespace tocsin {

namespace {
constexpr std::int64_t pause_first_ms = 50;
constexpr std::int64_t pause_longest_ms = 2'000;
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
    failed(made.failure(), monotonic_ms()); // opening may have taken long
    return nullptr;
  }
  connection_.emplace(std::move(*made));
  ++opened_;
  pause_ms_ = 0;
  complaining_ = false;
  spdlog::debug("{}: connected to {}", name_, ctx_.address.describe());
  note_answer();
  return &*connection_;
}

void redis_door::failed(const error& why, std::int64_t now_ms) {
  ctx_.metrics.redis_errors.add();
  const bool sound = connection_ && !connection_->broken();
  const bool news = sound ? !std::exchange(complaining_, true) : ctx_.outage.begins(worked_ms_);
  spdlog::log(news ? spdlog::level::warn : spdlog::level::debug, "{}: {}", name_, why.message);
  if (sound)
    return;
  connection_.reset();
  ctx_.redis_answers = false;
  pause_ms_ = std::clamp(pause_ms_ * 2, pause_first_ms, pause_longest_ms);
  next_try_ms_ = now_ms + pause_ms_;
}

void redis_door::works() {
  if (complaining_)
    spdlog::info("{}: Redis takes it again", name_);
  complaining_ = false;
  note_answer();
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
