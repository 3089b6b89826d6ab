#include "actors/api/query_desk.hpp"

namespace tocsin {

namespace {

counter& queries(metric_registry& r, const char* result) {
  return r.add_counter("tocsin_api_queries_total", "API requests that read Redis.",
                       {{"result", result}});
}

} // namespace

http::response not_now(const char* code, const std::string& why) {
  auto answer = http::to_response(http::refusal{503, code, why});
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

void query_desk::query::send(http::response what) {
  what.hold = std::move(slot);
  answer.send(std::move(what));
}

query_desk::query_desk(metric_registry& registry)
    : answered_(queries(registry, "answered")), busy_(queries(registry, "busy")),
      failed_(queries(registry, "failed")) {}

// The desk lives as long as somebody has a slot.
std::shared_ptr<const void> query_desk::take_slot() {
  if (taken_ >= slots || stopping_)
    return nullptr;
  ++taken_;
  return {this, [desk = shared_from_this()](const void*) {
            const std::lock_guard lock(desk->mutex_);
            --desk->taken_;
          }};
}

void query_desk::ask(work what, http::responder answer, std::int64_t now_ms) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (auto slot = take_slot()) {
      waiting_.push_back(
          {std::move(what), std::move(answer), std::move(slot), now_ms + query_ms_max});
      wake = wake_;
    }
  }
  if (!answer) {
    if (wake)
      wake();
    return;
  }
  busy_.add();
  answer.send(not_now("busy", "as many questions as can be are being answered"));
}

void query_desk::on_work(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

std::optional<query_desk::query> query_desk::next() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty())
    return std::nullopt;
  std::optional<query> one(std::move(waiting_.front()));
  waiting_.pop_front();
  return one;
}

std::optional<error> query_desk::answer(query&& one, redis::connection* c,
                                        const std::function<std::int64_t()>& clock) {
  if (stopping() || clock() >= one.until_ms) {
    busy_.add();
    one.send(
        not_now("busy", stopping() ? "the engine is stopping" : "Redis was busy for too long"));
    return std::nullopt;
  }
  if (c == nullptr) {
    failed_.add();
    one.send(not_now("redis-away", "Redis does not answer"));
    return std::nullopt;
  }
  auto made =
      one.run(*c, [this, &clock, until = one.until_ms] { return !stopping() && clock() < until; });
  (made ? answered_ : failed_).add();
  if (made) {
    one.send(std::move(*made));
    return std::nullopt;
  }
  one.send(not_now(c->broken() ? "redis-away" : "redis-refused", made.failure().message));
  return made.failure();
}

void query_desk::stop() {
  std::deque<query> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_ = nullptr; // it holds those who hold the desk
    left.swap(waiting_);
  }
  for (auto& one : left)
    one.send(not_now("busy", "the engine is stopping"));
}

bool query_desk::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

} // namespace tocsin
