#include "actors/api/query_desk.hpp"

#include <gtest/gtest.h>

namespace tocsin::query_desk_test {
namespace {

class query_desk_test : public testing::Test {
protected:
  ~query_desk_test() override { desk->stop(); } // what waits holds the desk

  void ask(query_desk::work what = {}) {
    const auto n = answers.size();
    answers.emplace_back();
    desk->ask(std::move(what),
              http::responder([this, n](http::response r) { answers[n] = std::move(r); }), now_ms);
  }
  void answer_next() {
    auto one = desk->next();
    ASSERT_TRUE(one);
    static_cast<void>(desk->answer(std::move(*one), nullptr, [this] { return now_ms; }));
  }
  static bool refused(const http::response& what, const std::string& code) {
    return what.status == 503 && what.body.find('"' + code + '"') != std::string::npos &&
           http::find_field(what.headers, "Retry-After");
  }

  metric_registry registry;
  std::shared_ptr<query_desk> desk = std::make_shared<query_desk>(registry);
  std::vector<http::response> answers;
  std::int64_t now_ms = 1'000;
};

TEST_F(query_desk_test, takes_so_many_and_refuses_the_next_at_once) {
  int woken = 0;
  desk->on_work([&] { ++woken; });
  for (std::size_t i = 0; i <= query_desk::slots; ++i)
    ask();
  EXPECT_EQ(woken, int(query_desk::slots));
  EXPECT_TRUE(refused(answers.back(), "busy"));
}

TEST_F(query_desk_test, a_slot_is_free_when_its_answer_was_written) {
  for (std::size_t i = 0; i < query_desk::slots; ++i)
    ask();
  answer_next();
  ask();
  EXPECT_TRUE(refused(answers.back(), "busy")); // the answer to the first is still being written
  answers.front() = {};
  ask();
  EXPECT_EQ(answers.back().body, "");
  EXPECT_TRUE(desk->next());
}

TEST_F(query_desk_test, says_when_redis_is_away) {
  ask();
  answer_next();
  EXPECT_TRUE(refused(answers.back(), "redis-away"));
}

TEST_F(query_desk_test, does_not_begin_what_has_waited_too_long) {
  ask([](auto&, auto&) -> result<http::response> { throw std::logic_error("begun"); });
  now_ms += query_desk::query_ms_max;
  answer_next();
  EXPECT_TRUE(refused(answers.back(), "busy"));
}

TEST_F(query_desk_test, a_stop_answers_all_that_wait_and_takes_no_more) {
  ask();
  ask();
  desk->stop();
  ask();
  for (const auto& one : answers)
    EXPECT_TRUE(refused(one, "busy")) << one.body;
  EXPECT_FALSE(desk->next());
}

} // namespace
} // namespace tocsin::query_desk_test
