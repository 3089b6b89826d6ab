#include "actors/api/reload_desk.hpp"

#include <chrono>
#include <utility>

namespace tocsin {

namespace {

const http::refusal busy{409, "busy",
                         "reloads that were asked for before are not done: ask again in a while"};

http::refusal closed(bool stopping) {
  return stopping ? http::refusal{503, "not-evaluating", "the engine is stopping"}
                  : http::refusal{503, "starting", "the engine is starting"};
}

} // namespace

void reload_desk::ask(http::responder answer, std::int64_t now_ms) {
  const auto why = [&]() -> std::optional<http::refusal> {
    const std::lock_guard lock(mutex_);
    if (!open_ || stopping_)
      return closed(stopping_);
    if (waiting_.requests.size() >= slots)
      return busy;
    waiting_.requests.push_back({std::move(answer), now_ms + answer_ms_max});
    return std::nullopt;
  }();
  if (why)
    return answer.send(*why);
  news_.notify_all();
}

void reload_desk::ask() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.unattended = true;
  }
  news_.notify_all();
}

void reload_desk::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
}

void reload_desk::stop() {
  round left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    left = std::exchange(waiting_, {});
  }
  news_.notify_all();
  for (auto& one : left.requests)
    one.answer.send(closed(true));
}

bool reload_desk::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

reload_desk::round reload_desk::wait(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, std::chrono::milliseconds(ms),
                 [&] { return stopping_ || !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

void reload_desk::expire(std::int64_t now_ms) {
  std::vector<request> late;
  {
    const std::lock_guard lock(mutex_);
    auto& all = waiting_.requests;
    while (!all.empty() && all.front().until_ms <= now_ms) {
      late.push_back(std::move(all.front()));
      all.erase(all.begin());
    }
  }
  for (auto& one : late)
    one.answer.send(busy);
}

} // namespace tocsin
