#include "actors/api/engine_desk.hpp"

#include <spdlog/spdlog.h>

namespace tocsin {

namespace {

const http::refusal nobody_answers{
    503, "not-evaluating",
    "this engine does not evaluate: it stands by, or is reading its state back"};

} // namespace

void engine_desk::ask(std::unique_ptr<engine_question> what, std::int64_t now_ms) {
  std::function<void()> wake;
  http::refusal why = nobody_answers;
  {
    const std::lock_guard lock(mutex_);
    if (wake_ && taken_ < slots) {
      questions_.push_back({std::move(what), now_ms + question_ms_max, 0});
      ++taken_;
      wake = wake_;
    } else if (wake_) {
      why = {503, "busy", "as many questions as can be are being answered"};
    }
  }
  if (wake)
    return wake();
  what->refuse(why);
}

std::uint64_t engine_desk::open(std::function<void()> wake) {
  std::deque<waiting> begun;
  std::uint64_t opened = 0;
  bool any = false;
  {
    const std::lock_guard lock(mutex_);
    wake_ = wake;
    opened = ++opened_;
    std::deque<waiting> fresh;
    for (auto& one : questions_)
      (one.begun == 0 ? fresh : begun).push_back(std::move(one));
    questions_ = std::move(fresh);
    taken_ -= begun.size();
    any = !questions_.empty();
  }
  // What they remember is another engine's: indexes of hosts, places in windows.
  for (const auto& one : begun)
    one.what->refuse(nobody_answers);
  if (any)
    wake();
  return opened;
}

void engine_desk::close(std::uint64_t opened) {
  std::deque<waiting> left;
  {
    const std::lock_guard lock(mutex_);
    if (opened != opened_)
      return;
    wake_ = nullptr;
    left.swap(questions_);
    taken_ -= left.size();
  }
  for (const auto& one : left)
    one.what->refuse(nobody_answers);
}

bool engine_desk::step(const live_aggregator& core, std::int64_t now_ms, std::uint64_t opened) {
  waiting one;
  if (!take(one, opened))
    return false;
  bool again = false;
  try {
    if (now_ms >= one.until_ms)
      one.what->refuse({504, "too-slow", "it took longer than 10 s"});
    else if (one.what->step(core))
      one.what->answer();
    else
      again = true;
  } catch (const std::exception& e) { // out of memory: no question ends the evaluation
    spdlog::error("a question to the engine failed: {}", e.what());
    one.what.reset();
  }
  if (again)
    return put_back(std::move(one));
  const std::lock_guard lock(mutex_);
  --taken_;
  return !questions_.empty();
}

bool engine_desk::take(waiting& into, std::uint64_t opened) {
  const std::lock_guard lock(mutex_);
  if (opened != opened_ || questions_.empty())
    return false;
  into = std::move(questions_.front());
  into.begun = opened;
  questions_.pop_front();
  return true;
}

// Behind the others. Whoever closed or opened the desk meanwhile did not see this one.
bool engine_desk::put_back(waiting&& one) {
  {
    const std::lock_guard lock(mutex_);
    if (wake_ && one.begun == opened_) {
      questions_.push_back(std::move(one));
      return true;
    }
    --taken_;
  }
  one.what->refuse(nobody_answers);
  return false;
}

} // namespace tocsin
