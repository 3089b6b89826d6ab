#include "actors/api/engine_desk.hpp"

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
      questions_.push_back({std::move(what), now_ms + question_ms_max});
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
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
  return ++opened_;
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

bool engine_desk::step(const live_aggregator& core, std::int64_t now_ms) {
  waiting one;
  if (!take(one))
    return false;
  if (now_ms >= one.until_ms) {
    one.what->refuse({504, "too-slow", "it took longer than 10 s"});
  } else if (!one.what->step(core)) {
    return put_back(std::move(one));
  } else {
    one.what->answer();
  }
  const std::lock_guard lock(mutex_);
  --taken_;
  return !questions_.empty();
}

bool engine_desk::take(waiting& into) {
  const std::lock_guard lock(mutex_);
  if (questions_.empty())
    return false;
  into = std::move(questions_.front());
  questions_.pop_front();
  return true;
}

// Behind the others. Whoever closed the desk meanwhile did not see this one.
bool engine_desk::put_back(waiting&& one) {
  {
    const std::lock_guard lock(mutex_);
    if (wake_) {
      questions_.push_back(std::move(one));
      return true;
    }
    --taken_;
  }
  one.what->refuse(nobody_answers);
  return false;
}

} // namespace tocsin
