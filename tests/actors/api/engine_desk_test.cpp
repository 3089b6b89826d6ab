#include "actors/api/engine_desk.hpp"

#include <gtest/gtest.h>
#include <new>

namespace tocsin::engine_desk_test {
namespace {

struct outcome {
  int steps = 0;
  bool answered = false;
  std::string refused; // the code
};

class counting_question : public engine_question {
public:
  counting_question(outcome& into, int steps) : into_(into), steps_(steps) {}
  bool step(const live_aggregator&) override { return ++into_.steps == steps_; }
  void answer() override { into_.answered = true; }
  void refuse(const http::refusal& why) override { into_.refused = why.code; }

private:
  outcome& into_;
  int steps_;
};

class engine_desk_test : public testing::Test {
protected:
  void ask(outcome& into, int steps = 1) {
    desk.ask(std::make_unique<counting_question>(into, steps), now_ms);
  }
  bool step(std::uint64_t opened = 1) { return desk.step(core, now_ms, opened); }

  static recovered_partition empty_partition() {
    recovered_partition out;
    out.engine = std::make_unique<partition_engine>(std::make_shared<partition_plan>(settings{}));
    return out;
  }
  live_aggregator core{empty_partition()};
  engine_desk desk;
  std::int64_t now_ms = 1'000;
};

TEST_F(engine_desk_test, refuses_while_nobody_answers) {
  outcome one;
  ask(one);
  EXPECT_EQ(one.refused, "not-evaluating");
}

TEST_F(engine_desk_test, wakes_the_aggregator_and_takes_questions_in_turn) {
  int woken = 0;
  desk.open([&] { ++woken; });
  outcome slow, quick;
  ask(slow, 3);
  ask(quick);
  EXPECT_EQ(woken, 2);
  EXPECT_TRUE(step());
  EXPECT_TRUE(step());
  EXPECT_TRUE(quick.answered);
  EXPECT_FALSE(slow.answered);
  EXPECT_TRUE(step());
  EXPECT_FALSE(step());
  EXPECT_TRUE(slow.answered);
  EXPECT_EQ(slow.steps, 3);
}

TEST_F(engine_desk_test, takes_so_many_and_refuses_the_next_at_once) {
  desk.open([] {});
  std::vector<outcome> all(engine_desk::slots + 2);
  for (std::size_t i = 0; i <= engine_desk::slots; ++i)
    ask(all[i]);
  EXPECT_EQ(all[engine_desk::slots].refused, "busy");
  step();
  ask(all.back());
  EXPECT_EQ(all.back().refused, "");
}

TEST_F(engine_desk_test, gives_up_what_takes_too_long) {
  desk.open([] {});
  outcome one;
  ask(one, 1'000);
  EXPECT_TRUE(step());
  now_ms += engine_desk::question_ms_max;
  EXPECT_FALSE(step());
  EXPECT_EQ(one.refused, "too-slow");
}

TEST_F(engine_desk_test,
       refuses_what_waits_when_the_aggregator_goes_but_not_when_an_earlier_one_does) {
  const auto first = desk.open([] {});
  const auto second = desk.open([] {});
  outcome one;
  ask(one);
  desk.close(first);
  EXPECT_EQ(one.refused, "");
  desk.close(second);
  EXPECT_EQ(one.refused, "not-evaluating");
  EXPECT_FALSE(step(second));
}

TEST_F(engine_desk_test, one_that_throws_is_dropped_and_the_others_are_answered) {
  class question : public counting_question {
  public:
    question(outcome& into, bool& gone) : counting_question(into, 1), gone_(gone) {}
    ~question() override { gone_ = true; }
    void answer() override { throw std::bad_alloc(); }

  private:
    bool& gone_;
  };
  desk.open([] {});
  std::vector<outcome> all(2 * engine_desk::slots);
  for (std::size_t i = 0; i < engine_desk::slots; ++i) {
    bool gone = false;
    desk.ask(std::make_unique<question>(all[i], gone), now_ms);
    EXPECT_FALSE(step());
    EXPECT_TRUE(gone);
  }
  ask(all.back());
  EXPECT_FALSE(step());
  EXPECT_TRUE(all.back().answered);
}

TEST_F(engine_desk_test, nobody_goes_on_with_what_another_aggregator_began) {
  int woken = 0;
  const auto first = desk.open([] {});
  outcome begun, fresh;
  ask(begun, 3);
  EXPECT_TRUE(step(first));
  ask(fresh);
  const auto second = desk.open([&] { ++woken; });
  EXPECT_EQ(begun.refused, "not-evaluating");
  EXPECT_EQ(fresh.refused, "");
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(step(first)); // it has not noticed yet
  EXPECT_EQ(fresh.steps, 0);
  EXPECT_FALSE(step(second));
  EXPECT_TRUE(fresh.answered);
  EXPECT_EQ(begun.steps, 1);
}

TEST_F(engine_desk_test, what_is_in_hand_while_another_opens_the_desk_is_refused) {
  class question : public counting_question {
  public:
    question(outcome& into, engine_desk& desk) : counting_question(into, 3), desk_(desk) {}
    bool step(const live_aggregator& core) override {
      desk_.open([] {});
      return counting_question::step(core);
    }

  private:
    engine_desk& desk_;
  };
  const auto first = desk.open([] {});
  outcome one;
  desk.ask(std::make_unique<question>(one, desk), now_ms);
  EXPECT_FALSE(step(first));
  EXPECT_EQ(one.refused, "not-evaluating");
}

} // namespace
} // namespace tocsin::engine_desk_test
